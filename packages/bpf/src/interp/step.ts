import { const64, jumpTarget } from '../isa/code.ts'
import type { Alu, Branch, Const, Op } from '../isa/op.ts'
import { OPS } from '../isa/table.ts'
import type { Program } from '../run/engine.ts'
import { BpfFault } from '../run/fault.ts'
import type { Machine } from '../run/machine.ts'
import { atomic, load, store } from './access.ts'
import { alu32, alu64, holds32, holds64, swapBytes } from './alu.ts'
import { call, packetLoad } from './call.ts'
import { Execution, type Run } from './execution.ts'
import { Frame } from './frame.ts'

/** What a callback's address is to programs: its slot, moved away from null. */
const addressOf = (slot: number): bigint => BigInt((slot + 1) >>> 0)
export const slotOf = (func: number): number => (func >>> 0) - 1

/** Calls the function at `slot` of a program in a first frame at `fp`, with R1 and on as given (zero-extended); returns R0. */
export function callFunction(run: Run, program: Program, slot: number, fp: number, args: readonly number[]): bigint {
  return toEnd(new Execution(run, new Frame(program, slot, BigInt(fp >>> 0), 1)), args)
}

function toEnd(x: Execution, args: readonly number[]): bigint {
  args.forEach((value, i) => {
    x.reg[1 + i] = BigInt(value >>> 0)
  })
  while (x.frames.length > 0) step(x)
  return x.reg[0]
}

function step(x: Execution): void {
  const { frame } = x
  const { code } = frame.program
  const slot = frame.next
  if (slot < 0 || slot >= code.length) throw new BpfFault('instruction', slot)
  const op = OPS[code.op[slot]]
  frame.next = slot + 1
  execute(x, op, slot)
}

type Handlers = { readonly [K in Op['kind']]: (x: Execution, op: Extract<Op, { kind: K }>, slot: number) => void }

const refuse = (_x: Execution, _op: Op, slot: number): void => {
  throw new BpfFault('instruction', slot)
}

const goto = (x: Execution, _op: Op, slot: number): void => x.jump(slot, jumpTarget(x.frame.program.code, slot))

/** What each kind of instruction does; `frame.next` is the next slot already. */
const HANDLERS: Handlers = {
  alu: arithmetic,
  branch,
  load,
  loadAcquire: load,
  store,
  storeRelease: store,
  atomic,
  const: constant,
  packet: packetLoad,
  goto,
  call: (x, op, slot) => call(x, op, slot, callbacks(x, slot)),
  exit: (x) => x.exit(),
  movsx(x, op, slot) {
    const { dst, src } = x.frame.program.code
    x.reg[dst[slot]] = BigInt.asUintN(op.width, BigInt.asIntN(op.from, x.reg[src[slot]]))
  },
  neg(x, op, slot) {
    const { dst } = x.frame.program.code
    x.reg[dst[slot]] = BigInt.asUintN(op.width, -x.reg[dst[slot]])
  },
  swap(x, op, slot) {
    const { dst } = x.frame.program.code
    const value = x.reg[dst[slot]]
    x.reg[dst[slot]] = op.order === 'le' ? BigInt.asUintN(op.width, value) : swapBytes(op.width, value)
  },
  gotox: (x, _op, slot) => x.jump(slot, Number(x.reg[x.frame.program.code.dst[slot]])),
  mayGoto(x, op, slot) {
    if (x.frame.mayGoto === 0) goto(x, op, slot)
    else x.frame.mayGoto--
  },
  cast: refuse,
  second: refuse,
  invalid: refuse,
}

function execute<K extends Op['kind']>(x: Execution, op: Extract<Op, { kind: K }>, slot: number): void {
  const handler: Handlers[K] = HANDLERS[op.kind as K]
  handler(x, op, slot)
}

function arithmetic(x: Execution, op: Alu, slot: number): void {
  const { dst, src, imm } = x.frame.program.code
  const a = x.reg[dst[slot]]
  if (op.width === 64) {
    const b = op.operand === 'imm' ? BigInt.asUintN(64, BigInt(imm[slot])) : x.reg[src[slot]]
    x.reg[dst[slot]] = alu64(op.operator, a, b)
    return
  }
  const b = op.operand === 'imm' ? imm[slot] : Number(BigInt.asIntN(32, x.reg[src[slot]]))
  x.reg[dst[slot]] = BigInt(alu32(op.operator, Number(BigInt.asIntN(32, a)), b) >>> 0)
}

function branch(x: Execution, op: Branch, slot: number): void {
  const { dst, src, imm } = x.frame.program.code
  const b = op.operand === 'imm' ? BigInt.asUintN(64, BigInt(imm[slot])) : x.reg[src[slot]]
  const holds = op.width === 64 ? holds64 : holds32
  if (holds(op.condition, x.reg[dst[slot]], b)) goto(x, op, slot)
}

function constant(x: Execution, op: Const, slot: number): void {
  const { code } = x.frame.program
  if (op.pseudo === 'function') x.reg[code.dst[slot]] = addressOf(jumpTarget(code, slot))
  else if (op.pseudo === 'number') x.reg[code.dst[slot]] = const64(code, slot)
  else throw new BpfFault('instruction', slot)
  x.frame.next = slot + 2
}

/** Lets the body of a helper call back into the program that is at `slot`. */
const callbacks =
  (x: Execution, slot: number): Machine['invoke'] =>
  (func, ...args) => {
    x.spend(slot)
    const callback = new Execution(x.run, x.below(slot, slotOf(func)))
    return Number(BigInt.asIntN(32, toEnd(callback, args)))
  }
