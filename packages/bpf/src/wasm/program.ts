import { type Code as BpfCode, jumpTarget, opAt } from '../isa/code.ts'
import { type Helper, TAIL_CALL } from '../run/helper.ts'
import type { Machine, Window } from '../run/machine.ts'
import { type Callee, GLOBALS, MAIN_PARAMETERS, type ModuleIndex } from './block/context.ts'
import { writeCount } from './block/tail-call.ts'
import { defineChecks } from './checks.ts'
import type { Code } from './encode/code.ts'
import { ModuleWriter, type Signature } from './encode/module.ts'
import { I32, I64, OP, type ValueType } from './encode/opcodes.ts'
import { type Parameters, writeFunction } from './function.ts'
import { type FunctionPlan, planFunction } from './plan/function.ts'
import { helperAt } from './plan/registers.ts'

/** What is compiled, and for what. */
export interface CompileInput {
  readonly code: BpfCode
  /** Of the program. */
  readonly number: number
  readonly machine: Machine
  readonly shared: boolean
  /** What an unverified program may touch; absent for verified programs. */
  readonly windows?: readonly Window[]
  /** Places in the table of programs. */
  readonly places: number
  /** Gives the address of the first of so many callbacks: numbers of the callback table, without gaps. */
  readonly reserve: (callbacks: number) => number
}

/** A helper or kfunc that a module imports, under `name`. */
export interface ImportedHelper {
  readonly name: string
  readonly helper: Helper
}

/** A compiled program. Imports are in the namespace `n`. */
export interface Compiled {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly helpers: readonly ImportedHelper[]
  /** Numbers of the callback table, each with the name of what the module exports for it. */
  readonly callbacks: readonly { readonly name: string; readonly number: number }[]
}

const MAIN: Signature = { parameters: MAIN_PARAMETERS, results: [I64] }
const FAULT: Signature = { parameters: [I32, I32, I32, I32], results: [] }
const NOTHING: Signature = { parameters: [], results: [] }
const PACKET_LOAD: Signature = { parameters: [I32, I32, I32], results: [I32] }
/** R10, R1 to R4. */
const CALLBACK: Signature = { parameters: [I32, I32, I32, I32, I32], results: [I64] }

/** Compiles a program: each of its functions becomes one of a WebAssembly module. */
export function compile(input: CompileInput): Compiled {
  const { code, machine, windows } = input
  const scan = scanCode(code, machine)
  const module = new ModuleWriter()
  const helpers = importAll(module, input, scan)
  const plans = planSubprograms(input, scan.subprograms)
  beginElsewhere(module, input.number)
  const main = { plan: plans.get(0) ?? planFunction(code, 0, machine, windows !== undefined), ...module.define(MAIN) }
  const functions = new Map<number, Callee & { code: Code; plan: FunctionPlan }>()
  for (const [slot, plan] of plans) functions.set(slot, defineSubprogram(module, plan))
  const first = input.reserve(scan.callbacks.length)
  const index: ModuleIndex = {
    code,
    machine,
    checked: windows !== undefined,
    shared: input.shared,
    features: scan.features,
    fault: 0,
    packetLoad: 1,
    check: windows ? defineChecks(module, windows) : { read: -1, write: -1 },
    placesNow: input.places,
    mainType: module.type(MAIN),
    helper: (callee, id) => helpers.get(`${callee} ${id}`)!.index,
    subprogram: (slot) => functions.get(slot),
    define: definer(module),
    callback: (slot) => first + scan.callbacks.indexOf(slot),
  }
  writeFunction(index, main.plan, MAIN_LOCALS, main.code)
  for (const { plan, registers, extra, code: to } of functions.values()) {
    writeFunction(index, plan, subprogramLocals(registers, extra), to)
  }
  module.export('main', main.index)
  module.export('start', scan.features.tailCalls ? defineStart(module, machine, main.index) : main.index)
  const callbacks = scan.callbacks.flatMap((slot, i) => {
    const callee = functions.get(slot)
    if (!callee) return []
    const name = `callback${i}`
    module.export(name, defineCallback(module, callee))
    return [{ name, number: first + i }]
  })
  return { bytes: module.finish(), helpers: [...helpers.values()], callbacks }
}

/** Places in their modules at which programs begin. */
const BEGINNINGS = 8

/**
 * Empty functions before the first, as many as the program's number says. Processors know the targets of a call by the low bits of
 * their addresses, and a module begins on a page of its own: 16 programs that take turns would cost twice as much.
 */
function beginElsewhere(module: ModuleWriter, number: number): void {
  for (let n = number % BEGINNINGS; n > 0; n--) module.define(NOTHING)
}

/** Slots of all functions of a program together, at least, before it is refused that they share so much code. */
const SHARED_SLOTS = 1 << 16

/** Plans functions. Those of verified programs share no code; of others, what would take too long is left out. */
function planSubprograms(
  { code, machine, windows }: CompileInput,
  slots: readonly number[],
): Map<number, FunctionPlan> {
  const plans = new Map<number, FunctionPlan>()
  let left = Math.max(SHARED_SLOTS, 2 * code.length)
  for (const slot of slots) {
    if (left <= 0) break
    const plan = planFunction(code, slot, machine, windows !== undefined)
    plans.set(slot, plan)
    for (const node of plan.nodes) if (node.kind === 'code') left -= node.end - node.start
  }
  return plans
}

/** Defines functions when they are first asked for. */
function definer(module: ModuleWriter): ModuleIndex['define'] {
  const known = new Map<string, number>()
  return (key, signature, write) => {
    let index = known.get(key)
    if (index === undefined) {
      const made = module.define(signature)
      index = made.index
      known.set(key, index)
      write(made.code)
    }
    return index
  }
}

/** What a program uses. */
interface Scan {
  readonly subprograms: readonly number[]
  readonly callbacks: readonly number[]
  readonly helpers: readonly { readonly key: string; readonly helper: Helper }[]
  readonly features: { readonly mayGoto: boolean; readonly extraArguments: boolean; readonly tailCalls: boolean }
}

function scanCode(code: BpfCode, machine: Machine): Scan {
  const subprograms = new Set<number>()
  const callbacks = new Set<number>()
  const helpers = new Map<string, Helper>()
  let mayGoto = false
  let extraArguments = false
  let tailCalls = false
  for (let slot = 0; slot < code.length; slot++) {
    const op = opAt(code, slot)
    if (op.kind === 'mayGoto') mayGoto = true
    if (op.kind === 'store' && code.dst[slot] > 10) extraArguments = true
    if (op.kind === 'const' && op.pseudo === 'function') callbacks.add(jumpTarget(code, slot))
    if (op.kind !== 'call') continue
    if (op.callee === 'subprogram') subprograms.add(jumpTarget(code, slot))
    else if (op.callee === 'helper' && code.imm[slot] === TAIL_CALL) tailCalls = true
    else {
      const helper = helperAt(code, slot, machine)
      if (helper) helpers.set(`${op.callee} ${code.imm[slot]}`, helper)
      if ((helper?.args.length ?? 0) > 5) extraArguments = true
    }
  }
  return {
    subprograms: [...new Set([...subprograms, ...callbacks])],
    callbacks: [...callbacks],
    helpers: [...helpers].map(([key, helper]) => ({ key, helper })),
    features: { mayGoto, extraArguments, tailCalls },
  }
}

function importAll(
  module: ModuleWriter,
  { shared }: CompileInput,
  { helpers, features }: Scan,
): Map<string, ImportedHelper & { index: number }> {
  module.importMemory('memory', shared)
  // Engines keep a copy of a table for each module that imports it.
  if (features.tailCalls) module.importTable('programs')
  for (const name of GLOBALS) module.importGlobal(name, I32)
  module.importFunction('fault', FAULT)
  module.importFunction('packetLoad', PACKET_LOAD)
  return new Map(
    helpers.map(({ key, helper }, i) => {
      const name = `helper${i}`
      return [key, { name, helper, index: module.importFunction(name, signatureOf(helper)) }]
    }),
  )
}

function signatureOf({ args }: Helper): Signature {
  const parameters: ValueType[] = args.flatMap((passing) => (passing === 'u64' ? [I32, I32] : [I32]))
  // Who may call back gets R10 and the slot of the call, too.
  if (args.includes('func')) parameters.push(I32, I32)
  return { parameters, results: [I32] }
}

const NONE = Array.from({ length: 10 }, () => undefined)

const MAIN_LOCALS: Parameters = {
  registers: NONE.map((_, register) =>
    register === 1 || register === 2 ? { local: register - 1, type: I32 } : undefined,
  ),
  fp: 2,
  incoming: [],
}

/** Where runs of a program with tail calls start: with a count of its own, as another run may be under way. */
function defineStart(module: ModuleWriter, machine: Machine, main: number): number {
  const { index, code } = module.define(MAIN)
  const outer = code.local(I32)
  writeCount(code, machine)
  code.set(outer)
  code.i32(0)
  code.i32(0)
  code.memory(OP.i32Store, machine.tailCallCell)
  for (let parameter = 0; parameter < MAIN_PARAMETERS.length; parameter++) code.get(parameter)
  code.opIndex(OP.call, main)
  code.i32(0)
  code.get(outer)
  code.memory(OP.i32Store, machine.tailCallCell)
  return index
}

/** A subprogram takes those of R1 to R5 that it reads, the arguments after the fifth, and R10. */
function defineSubprogram(module: ModuleWriter, plan: FunctionPlan): Callee & { code: Code; plan: FunctionPlan } {
  const registers = [1, 2, 3, 4, 5].filter((register) => (plan.use.liveIn[0] >> register) & 1)
  const { extra } = plan
  const parameters: ValueType[] = Array.from({ length: registers.length + extra }, () => I64)
  parameters.push(I32)
  return { ...module.define({ parameters, results: [I64] }), plan, registers, extra }
}

function subprogramLocals(registers: readonly number[], extra: number): Parameters {
  return {
    registers: NONE.map((_, register) => {
      const local = registers.indexOf(register)
      return local < 0 ? undefined : { local, type: I64 }
    }),
    incoming: Array.from({ length: extra }, (_, i) => registers.length + i),
    fp: registers.length + extra,
  }
}

/** What callers from outside call: R1 to R4 are zero-extended. */
function defineCallback(module: ModuleWriter, callee: Callee): number {
  const { index, code } = module.define(CALLBACK)
  for (const register of callee.registers) {
    if (register > 4) code.i64(0, 0)
    else {
      code.get(register)
      code.op(OP.i64ExtendI32U)
    }
  }
  for (let i = 0; i < callee.extra; i++) code.i64(0, 0)
  code.get(0)
  code.opIndex(OP.call, callee.index)
  return index
}
