import { FRAME_BYTES, MAY_GOTO_BUDGET } from '../run/limits.ts'
import { typeOfBytes } from './block/access.ts'
import {
  agreed,
  BlockBuilder,
  entryRegisters,
  type Fact,
  FRAME_REGISTER,
  NOTHING_KNOWN,
  plainFrame,
} from './block/builder.ts'
import { type FunctionContext, faultHere, type ModuleIndex, writeBudget, writeSpend } from './block/context.ts'
import { FrameSlots, notePointer, noteStatement } from './block/frame-slots.ts'
import { addInstruction } from './block/instructions.ts'
import type { Statement } from './block/statement.ts'
import { type FrameLocals, Writer } from './block/writer.ts'
import type { Code } from './encode/code.ts'
import { I32, I64, OP } from './encode/opcodes.ts'
import type { Added } from './graph/reducible.ts'
import { writeStructured } from './graph/structure.ts'
import { EXTRA_ARGUMENTS } from './plan/arguments.ts'
import { slotsOf } from './plan/blocks.ts'
import type { FunctionPlan } from './plan/function.ts'
import { frame } from './value/alu.ts'
import { type Node, PSEUDO } from './value/node.ts'

/** Where a function finds what it is called with: parameters, as locals. */
export interface Parameters {
  /** For R0 to R9 the parameter that holds it and its type; undefined: it starts as 0. */
  readonly registers: readonly ({ readonly local: number; readonly type: typeof I32 | typeof I64 } | undefined)[]
  readonly fp: number
  readonly incoming: readonly number[]
}

/** Compiles one function: takes its blocks in, looks at what they do to the frame, writes them. */
export function writeFunction(module: ModuleIndex, plan: FunctionPlan, parameters: Parameters, code: Code): void {
  new FunctionWriter(module, plan, parameters, code).write()
}

class FunctionWriter {
  readonly #plan: FunctionPlan
  readonly #code: Code
  readonly #module: ModuleIndex
  readonly #parameters: Parameters
  readonly #fn: FunctionContext
  /** Locals of R0 to R9. */
  readonly #registers: readonly number[]
  readonly #frame: FrameLocals
  readonly #blocks: BlockBuilder[] = []
  readonly #facts: Fact[][] = []
  /** Locals that say where dispatch nodes go, by region. */
  readonly #choices = new Map<number, number>()

  constructor(module: ModuleIndex, plan: FunctionPlan, parameters: Parameters, code: Code) {
    this.#plan = plan
    this.#code = code
    this.#module = module
    this.#parameters = parameters
    this.#registers = parameters.registers.map((given) => (given?.type === I64 ? given.local : code.local(I64)))
    this.#fn = {
      module,
      locals: {
        fp: parameters.fp,
        budget: module.checked ? code.local(I32) : -1,
        mayGoto: module.features.mayGoto ? code.local(I32) : -1,
        incoming: parameters.incoming,
        outgoing: module.features.extraArguments ? Array.from({ length: EXTRA_ARGUMENTS }, () => code.local(I64)) : [],
      },
    }
    this.#frame = { fp: parameters.fp, bottom: code.local(I32), slots: new FrameSlots() }
  }

  write(): void {
    for (const at of this.#plan.order.nodes) this.#build(at)
    if (!this.#module.checked) this.#placeFrame()
    this.#writeStart()
    writeStructured(this.#plan, this.#code, (at) => this.#writeNode(at))
  }

  /** Takes in the instructions of a node. */
  #build(at: number): void {
    const { nodes } = this.#plan
    const block = new BlockBuilder(this.#entry(at))
    this.#blocks[at] = block
    const node = nodes[at]
    if (node?.kind === 'code') {
      const { code } = this.#module
      if (node.start < 0 || node.start >= code.length) faultHere(block, this.#module, 'instruction', node.start)
      for (let slot = node.start; slot < node.end && block.ending.kind !== 'fault'; slot += slotsOf(code, slot)) {
        addInstruction(block, this.#fn, slot)
      }
    }
    this.#facts[at] = this.#registers.map((_, register) => block.fact(register))
  }

  /** Registers where a node begins. */
  #entry(at: number): Node[] {
    const r10 = this.#module.checked ? plainFrame(this.#frame.fp) : frame(0)
    const { predecessors, order, loops, loopWrites } = this.#plan
    if (at === 0) return this.#arguments(r10)
    let facts: Fact[] | undefined
    for (const from of predecessors[at]) {
      if (order.place[from] >= order.place[at]) continue
      const known = this.#facts[from]
      facts = facts ? facts.map((fact, register) => agreed(fact, known[register])) : known
    }
    const changed = loops.inner[at] === at ? loopWrites[at] : 0
    const kept = facts!.map((fact, register) => ((changed >> register) & 1 ? NOTHING_KNOWN : fact))
    return entryRegisters(kept, this.#registers, r10)
  }

  /** Registers where the function begins. */
  #arguments(r10: Node): Node[] {
    const facts = this.#parameters.registers.map(
      (given): Fact => (given ? NOTHING_KNOWN : { known: undefined, bits: 0 }),
    )
    const registers = entryRegisters(facts, this.#registers, r10)
    for (const [register, given] of this.#parameters.registers.entries()) {
      if (given?.type === I32) registers[register] = plainFrame(given.local)
    }
    return registers
  }

  /** Finds what of the frame can live in locals. */
  #placeFrame(): void {
    const { slots } = this.#frame
    for (const at of this.#plan.order.nodes) {
      const block = this.#blocks[at]
      for (const statement of block.statements) noteStatement(slots, statement)
      if (block.ending.kind === 'branch') notePointer(slots, block.ending.condition, false)
      if (block.ending.kind === 'return') notePointer(slots, block.ending.value, false)
      for (const register of this.#leaving(at)) notePointer(slots, block.get(register), false)
    }
    slots.promote((bytes) => this.#code.local(typeOfBytes(bytes)))
  }

  /** Registers that a node has to put into their locals. */
  #leaving(at: number): number[] {
    const { use, successors } = this.#plan
    const block = this.#blocks[at]
    const leaving: number[] = []
    for (let register = 0; register < FRAME_REGISTER; register++) {
      if (((use.liveOut[at] >> register) & 1) === 0) continue
      const value = block.get(register)
      if (value.op === PSEUDO.local && value.type === I64 && value.lo === this.#registers[register]) continue
      const isRead = successors[at].some((to) => {
        const live = (use.liveIn[to] >> register) & 1
        return live === 1 && this.#blocks[to].entry[register].op === PSEUDO.local
      })
      if (isRead) leaving.push(register)
    }
    return leaving
  }

  #writeStart(): void {
    const code = this.#code
    const { locals } = this.#fn
    code.get(locals.fp)
    code.i32(FRAME_BYTES)
    code.op(OP.i32Sub)
    code.set(this.#frame.bottom)
    if (locals.mayGoto >= 0) {
      code.i32(MAY_GOTO_BUDGET)
      code.set(locals.mayGoto)
    }
    writeBudget(new Writer(code, this.#frame), this.#fn, 'in')
  }

  #writeNode(at: number): void {
    const { nodes, added } = this.#plan
    const writer = new Writer(this.#code, this.#frame)
    if (at >= nodes.length) this.#writeAdded(added[at - nodes.length], at)
    const node = nodes[at]
    if (node?.kind === 'spend') writeSpend(writer, this.#fn, node.slot)
    this.#writeBlock(at, writer)
    writer.finish()
  }

  #writeAdded(added: Added, at: number): void {
    const code = this.#code
    let choice = this.#choices.get(added.region)
    if (choice === undefined) {
      choice = code.local(I32)
      this.#choices.set(added.region, choice)
    }
    if (added.kind === 'pick') {
      code.i32(added.choice)
      code.set(choice)
      return
    }
    code.get(choice)
    // The first of two is where a condition that holds leads.
    if (this.#plan.successors[at].length === 2) code.op(OP.i32Eqz)
  }

  #writeBlock(at: number, writer: Writer): void {
    const code = this.#code
    const block = this.#blocks[at]
    const leaving = this.#leaving(at)
    const { ending } = block
    const needed = countUses(block, leaving)
    for (const statement of block.statements) if (needed.has(statement)) this.#writeStatement(statement, writer)
    if (ending.kind === 'return') {
      writer.value(ending.value)
      writeBudget(writer, this.#fn, 'out')
      code.op(OP.return)
    }
    if (ending.kind === 'branch') writer.value(ending.condition)
    for (const register of leaving) writer.value(block.get(register))
    for (const register of leaving.reverse()) code.set(this.#registers[register])
  }

  #writeStatement(statement: Statement, writer: Writer): void {
    const code = this.#code
    if (statement.kind === 'other') {
      statement.write(writer)
      if (statement.result) writer.keep(statement.result)
      return
    }
    const { address, bytes, opcode } = statement
    const held = address.base ? undefined : this.#frame.slots.local(address.offset)
    if (statement.kind === 'store') {
      const offset = held === undefined ? writer.address(address) : 0
      writer.value(statement.value)
      if (held === undefined) code.memory(opcode, offset)
      else {
        if (bytes < 4) {
          code.i32((1 << (bytes * 8)) - 1)
          code.op(OP.i32And)
        }
        code.set(held)
      }
      return
    }
    if (held === undefined) code.memory(opcode, writer.address(address))
    else {
      code.get(held)
      if (statement.signed) writeSignExtension(code, bytes)
    }
    writer.keep(statement.result)
  }
}

const EXTENSIONS: Readonly<Record<number, number>> = { 1: OP.i64Extend8S, 2: OP.i64Extend16S, 4: OP.i64Extend32S }

/** What a signed load does, to a slot of the frame that is held in a local of 32 bits, or 64. */
function writeSignExtension(code: Code, bytes: number): void {
  if (bytes === 8) return
  code.op(OP.i64ExtendI32U)
  code.op(EXTENSIONS[bytes])
}

/** Counts what needs each node, from the end, so that loads nobody needs are left out; what is left. */
function countUses(block: BlockBuilder, leaving: readonly number[]): ReadonlySet<Statement> {
  const needed = new Set<Statement>()
  const { ending } = block
  if (ending.kind === 'branch') use(ending.condition)
  if (ending.kind === 'return') use(ending.value)
  for (const register of leaving) use(block.get(register))
  for (let i = block.statements.length - 1; i >= 0; i--) {
    const statement = block.statements[i]
    if (statement.kind === 'load' && statement.result.uses === 0) continue
    needed.add(statement)
    if (statement.kind === 'other') for (const input of statement.inputs) use(input)
    else if (statement.address.base) use(statement.address.base)
    if (statement.kind === 'store') use(statement.value)
  }
  return needed
}

function use(n: Node): void {
  if (n.uses++ > 0) return
  if (n.a) use(n.a)
  if (n.b) use(n.b)
  if (n.c) use(n.c)
}
