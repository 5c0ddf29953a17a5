import { jumpTarget } from '../../isa/code.ts'
import type { Alu, Branch, Op } from '../../isa/op.ts'
import { OPS } from '../../isa/table.ts'
import { I32, OP } from '../encode/opcodes.ts'
import { R10, writtenBy } from '../plan/registers.ts'
import { alu, byteSwap, moveSigned, negate } from '../value/alu.ts'
import { condition } from '../value/compare.ts'
import { const64, type Node, signed64 } from '../value/node.ts'
import { atomic, load, store } from './access.ts'
import type { BlockBuilder } from './builder.ts'
import { call, packetLoad } from './calls.ts'
import { type FunctionContext, faultHere } from './context.ts'
import { mergedLoad } from './merge.ts'

type Handlers = {
  readonly [K in Op['kind']]: (
    block: BlockBuilder,
    fn: FunctionContext,
    op: Extract<Op, { kind: K }>,
    slot: number,
  ) => void
}

const refuse = (block: BlockBuilder, { module }: FunctionContext, _op: Op, slot: number): void =>
  faultHere(block, module, 'instruction', slot)

/** What each kind of instruction does to a block. */
const HANDLERS: Handlers = {
  alu: arithmetic,
  load,
  loadAcquire: load,
  store,
  storeRelease: store,
  atomic,
  branch,
  mayGoto,
  call,
  packet: packetLoad,
  goto: () => undefined,
  exit(block) {
    block.ending = { kind: 'return', value: block.get(0) }
  },
  movsx(block, { module: { code } }, op, slot) {
    block.set(code.dst[slot], moveSigned(op.from, op.width, block.get(code.src[slot])))
  },
  neg(block, { module: { code } }, op, slot) {
    block.set(code.dst[slot], negate(op.width, block.get(code.dst[slot])))
  },
  swap(block, { module: { code } }, op, slot) {
    block.set(code.dst[slot], byteSwap(op, block.get(code.dst[slot])))
  },
  const(block, { module }, op, slot) {
    const { code } = module
    if (op.pseudo === 'number') block.set(code.dst[slot], const64(code.imm[slot], code.imm[slot + 1]))
    else if (op.pseudo === 'function') block.set(code.dst[slot], const64(module.callback(jumpTarget(code, slot)), 0))
    else faultHere(block, module, 'instruction', slot)
  },
  gotox: refuse,
  cast: refuse,
  second: refuse,
  invalid: refuse,
}

/** Takes one instruction into a block. */
export function addInstruction(block: BlockBuilder, fn: FunctionContext, slot: number): void {
  if ((writtenBy(fn.module.code, slot) & R10) !== 0) {
    faultHere(block, fn.module, 'instruction', slot)
    return
  }
  dispatch(block, fn, OPS[fn.module.code.op[slot]], slot)
}

function dispatch<K extends Op['kind']>(
  block: BlockBuilder,
  fn: FunctionContext,
  op: Extract<Op, { kind: K }>,
  slot: number,
): void {
  const handler: Handlers[K] = HANDLERS[op.kind as K]
  handler(block, fn, op, slot)
}

const operandOf = (block: BlockBuilder, fn: FunctionContext, op: Alu | Branch, slot: number): Node =>
  op.operand === 'imm' ? signed64(fn.module.code.imm[slot]) : block.get(fn.module.code.src[slot])

function arithmetic(block: BlockBuilder, fn: FunctionContext, op: Alu, slot: number): void {
  const { code } = fn.module
  const a = block.get(code.dst[slot])
  const b = operandOf(block, fn, op, slot)
  const isSum = op.operator === 'or' || op.operator === 'add' || op.operator === 'xor'
  const merged = isSum && !fn.module.checked ? mergedLoad(block, a, b) : undefined
  block.set(code.dst[slot], merged ?? alu(op, a, b))
}

function branch(block: BlockBuilder, fn: FunctionContext, op: Branch, slot: number): void {
  const { code } = fn.module
  const a = block.get(code.dst[slot])
  block.ending = { kind: 'branch', condition: condition(op.condition, op.width, a, operandOf(block, fn, op, slot)) }
}

/** Counts down, and jumps once nothing is left. */
function mayGoto(block: BlockBuilder, { locals }: FunctionContext): void {
  const used = block.result(I32, 1)
  block.do({
    kind: 'other',
    inputs: [],
    result: used,
    write({ code }) {
      code.get(locals.mayGoto)
      code.op(OP.i32Eqz)
      code.get(locals.mayGoto)
      code.get(locals.mayGoto)
      code.i32(0)
      code.op(OP.i32Ne)
      code.op(OP.i32Sub)
      code.set(locals.mayGoto)
    },
  })
  block.ending = { kind: 'branch', condition: used }
}
