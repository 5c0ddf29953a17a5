import { ARGUMENT_REGISTER } from '../../isa/encoding.ts'
import type { Atomic, Bytes, Load, LoadAcquire, Store, StoreRelease } from '../../isa/op.ts'
import { ATOMIC, I32, I64, OP, type ValueType } from '../encode/opcodes.ts'
import { argumentIndex } from '../plan/arguments.ts'
import { binary } from '../value/fold.ts'
import { type Address, const64, extend, isConst, low, type Node, node, PSEUDO, signed64 } from '../value/node.ts'
import type { BlockBuilder } from './builder.ts'
import { type FunctionContext, faultHere } from './context.ts'
import type { Writer } from './writer.ts'

const LOADS = { 1: OP.i32Load8U, 2: OP.i32Load16U, 4: OP.i32Load, 8: OP.i64Load } as const
const SIGNED_LOADS = { 1: OP.i64Load8S, 2: OP.i64Load16S, 4: OP.i64Load32S, 8: OP.i64Load } as const
const STORES = { 1: OP.i32Store8, 2: OP.i32Store16, 4: OP.i32Store, 8: OP.i64Store } as const
const ATOMIC_LOADS = { 1: ATOMIC.i32Load8U, 2: ATOMIC.i32Load16U, 4: ATOMIC.i32Load, 8: ATOMIC.i64Load } as const
const ATOMIC_STORES = { 1: ATOMIC.i32Store8, 2: ATOMIC.i32Store16, 4: ATOMIC.i32Store, 8: ATOMIC.i64Store } as const
const LOG2 = { 1: 0, 2: 1, 4: 2, 8: 3 } as const

export const typeOfBytes = (bytes: number): ValueType => (bytes === 8 ? I64 : I32)

/** A register's value as an access of so many bytes stores it. */
const stored = (value: Node, bytes: Bytes): Node => (bytes === 8 ? value : low(value))

/** Where an access of a verified program goes; constants are added up as long as the sum is not negative. */
export function addressOf(base: Node, offset: number): Address {
  let at = base
  let sum = offset
  while (at.op === OP.i64Add && isConst(at.b!) && at.b!.hi === at.b!.lo >> 31 && sum + at.b!.lo >= 0) {
    sum += at.b!.lo
    at = at.a!
  }
  if (at.op === PSEUDO.frame) return { base: undefined, offset: at.lo + sum }
  return { base: low(at), offset: sum }
}

/** Where an access goes. For a program that nobody verified, code is written that checks it. */
function place(
  block: BlockBuilder,
  fn: FunctionContext,
  base: Node,
  slot: number,
  bytes: number,
  kind: 'read' | 'write',
): Address {
  const { module } = fn
  const offset = module.code.off[slot]
  if (!module.checked) return addressOf(base, offset)
  const address = binary('add', base, signed64(offset))
  const checked = block.result(I32, 32)
  const write = (writer: Writer): void => {
    writer.value(address)
    writer.code.i32(bytes)
    writer.code.i32(slot)
    writer.code.opIndex(OP.call, module.check[kind])
  }
  block.do({ kind: 'other', inputs: [address], result: checked, frame: [], write })
  return { base: checked, offset: 0 }
}

/** Reads from memory in order. */
export function loadFrom(block: BlockBuilder, address: Address, bytes: Bytes, signed = false): Node {
  const wide = signed || bytes === 8
  const result = block.result(wide ? I64 : I32, signed ? 64 : bytes * 8)
  const opcode = (signed ? SIGNED_LOADS : LOADS)[bytes]
  if (!signed) result.load = { address, bytes, epoch: block.epoch }
  block.do({ kind: 'load', address, bytes, opcode, signed, result })
  return wide ? result : extend(result)
}

export function load(block: BlockBuilder, fn: FunctionContext, op: Load | LoadAcquire, slot: number): void {
  const { code } = fn.module
  if (code.src[slot] === ARGUMENT_REGISTER) {
    loadArgument(block, fn, op.bytes, slot)
    return
  }
  const address = place(block, fn, block.get(code.src[slot]), slot, op.bytes, 'read')
  if (op.kind === 'loadAcquire' && isAtomic(fn)) block.set(code.dst[slot], atomicLoad(block, address, op.bytes))
  else block.set(code.dst[slot], loadFrom(block, address, op.bytes, op.kind === 'load' && op.signed))
}

export function store(block: BlockBuilder, fn: FunctionContext, op: Store | StoreRelease, slot: number): void {
  const { code } = fn.module
  const immediate = op.kind === 'store' && op.operand === 'imm'
  const value = immediate ? signed64(code.imm[slot]) : block.get(code.src[slot])
  if (code.dst[slot] === ARGUMENT_REGISTER) {
    storeArgument(block, fn, op.bytes, value, slot)
    return
  }
  const address = place(block, fn, block.get(code.dst[slot]), slot, op.bytes, 'write')
  const number = stored(value, op.bytes)
  if (op.kind === 'storeRelease' && isAtomic(fn)) atomicStore(block, address, op.bytes, number)
  else block.do({ kind: 'store', address, bytes: op.bytes, opcode: STORES[op.bytes], value: number })
}

/** Atomic instructions trap at odd addresses, which the verifier excludes. */
const isAtomic = ({ module }: FunctionContext): boolean => module.shared && !module.checked

function atomicLoad(block: BlockBuilder, address: Address, bytes: Bytes): Node {
  const result = block.result(typeOfBytes(bytes), bytes * 8)
  const write = (writer: Writer): void => {
    const offset = writer.address(address)
    writer.code.atomic(ATOMIC_LOADS[bytes], LOG2[bytes], offset)
  }
  block.do({ kind: 'other', inputs: baseOf(address), frame: rangeOf(address, bytes), result, write })
  return bytes === 8 ? result : extend(result)
}

function atomicStore(block: BlockBuilder, address: Address, bytes: Bytes, value: Node): void {
  const write = (writer: Writer): void => {
    const offset = writer.address(address)
    writer.value(value)
    writer.code.atomic(ATOMIC_STORES[bytes], LOG2[bytes], offset)
  }
  block.do({ kind: 'other', inputs: [...baseOf(address), value], frame: rangeOf(address, bytes), write })
}

const baseOf = ({ base }: Address): Node[] => (base ? [base] : [])

/** The part of the frame that an access touches. */
const rangeOf = ({ base, offset }: Address, bytes: number): { offset: number; bytes: number }[] =>
  base ? [] : [{ offset, bytes }]

const MODIFY = {
  add: [ATOMIC.i32Add, ATOMIC.i64Add],
  or: [ATOMIC.i32Or, ATOMIC.i64Or],
  and: [ATOMIC.i32And, ATOMIC.i64And],
  xor: [ATOMIC.i32Xor, ATOMIC.i64Xor],
  xchg: [ATOMIC.i32Exchange, ATOMIC.i64Exchange],
  cmpxchg: [ATOMIC.i32CompareExchange, ATOMIC.i64CompareExchange],
} as const
const PLAIN = {
  add: [OP.i32Add, OP.i64Add],
  or: [OP.i32Or, OP.i64Or],
  and: [OP.i32And, OP.i64And],
  xor: [OP.i32Xor, OP.i64Xor],
} as const

export function atomic(block: BlockBuilder, fn: FunctionContext, op: Atomic, slot: number): void {
  const { code } = fn.module
  const { bytes, operator } = op
  const address = place(block, fn, block.get(code.dst[slot]), slot, bytes, 'write')
  const operand = stored(block.get(code.src[slot]), bytes)
  const expected = operator === 'cmpxchg' ? [stored(block.get(0), bytes)] : []
  const result = block.result(typeOfBytes(bytes), bytes * 8)
  const write = isAtomic(fn)
    ? (writer: Writer): void => {
        const offset = writer.address(address)
        for (const value of [...expected, operand]) writer.value(value)
        writer.code.atomic(MODIFY[operator][bytes === 8 ? 1 : 0], LOG2[bytes], offset)
      }
    : (writer: Writer): void => writePlain(writer, op, address, operand, expected[0])
  const inputs = [...baseOf(address), ...expected, operand]
  block.do({ kind: 'other', inputs, frame: rangeOf(address, bytes), result, write })
  const old = bytes === 8 ? result : extend(result)
  if (operator === 'cmpxchg') block.set(0, old)
  else if (op.fetch) block.set(code.src[slot], old)
}

/** Reads, computes and writes; leaves the old value. For memory that no other thread has. */
function writePlain(
  writer: Writer,
  { operator, bytes }: Atomic,
  address: Address,
  operand: Node,
  expected?: Node,
): void {
  const { code } = writer
  const type = typeOfBytes(bytes)
  const wide = bytes === 8 ? 1 : 0
  const at = writer.temporary(I32)
  const old = writer.temporary(type)
  const offset = writer.address(address)
  code.tee(at)
  code.memory(LOADS[bytes], offset)
  code.set(old)
  code.get(at)
  if (operator === 'xchg') writer.value(operand)
  else if (operator === 'cmpxchg') {
    writer.value(operand)
    code.get(old)
    code.get(old)
    writer.value(expected!)
    code.op(wide ? OP.i64Eq : OP.i32Eq)
    code.op(OP.select)
  } else {
    code.get(old)
    writer.value(operand)
    code.op(PLAIN[operator][wide])
  }
  code.memory(STORES[bytes], offset)
  code.get(old)
}

/** R11 + 8·k: an argument after the fifth, from the caller. */
function loadArgument(block: BlockBuilder, { module, locals }: FunctionContext, bytes: Bytes, slot: number): void {
  const index = argumentIndex(module.code.off[slot], bytes)
  if (index < 0) faultHere(block, module, 'instruction', slot)
  else if (index >= locals.incoming.length) block.set(module.code.dst[slot], const64(0, 0))
  else block.set(module.code.dst[slot], node(PSEUDO.local, I64, 64, undefined, undefined, locals.incoming[index]))
}

/** R11 − 8·k: an argument after the fifth, for the next callee. */
function storeArgument(block: BlockBuilder, fn: FunctionContext, bytes: Bytes, value: Node, slot: number): void {
  const index = argumentIndex(-fn.module.code.off[slot], bytes)
  if (index < 0) {
    faultHere(block, fn.module, 'instruction', slot)
    return
  }
  const write = (writer: Writer): void => {
    writer.value(value)
    writer.code.set(fn.locals.outgoing[index])
  }
  block.do({ kind: 'other', inputs: [value], write })
}
