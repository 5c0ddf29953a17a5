import { ARGUMENT_REGISTER } from '../isa/encoding.ts'
import type { Atomic, AtomicOperator, Load, LoadAcquire, Store, StoreRelease } from '../isa/op.ts'
import { BpfFault } from '../run/fault.ts'
import type { Execution } from './execution.ts'

/** `base + off` in 64 bits. */
const address = (x: Execution, base: number, off: number): bigint => BigInt.asUintN(64, x.reg[base] + BigInt(off))

export function load(x: Execution, op: Load | LoadAcquire, slot: number): void {
  const { dst, src, off } = x.frame.program.code
  if (src[slot] === ARGUMENT_REGISTER) {
    x.reg[dst[slot]] = readArgument(x, op.bytes, off[slot], slot)
    return
  }
  const value = x.run.memory.read(address(x, src[slot], off[slot]), op.bytes, x.windows, slot)
  const extend = op.kind === 'load' && op.signed
  x.reg[dst[slot]] = extend ? BigInt.asIntN(op.bytes * 8, value) : value
}

export function store(x: Execution, op: Store | StoreRelease, slot: number): void {
  const { dst, src, off, imm } = x.frame.program.code
  const value = op.kind === 'store' && op.operand === 'imm' ? BigInt.asUintN(64, BigInt(imm[slot])) : x.reg[src[slot]]
  if (dst[slot] === ARGUMENT_REGISTER) writeArgument(x, op.bytes, off[slot], value, slot)
  else x.run.memory.write(address(x, dst[slot], off[slot]), op.bytes, value, x.windows, slot)
}

export function atomic(x: Execution, op: Atomic, slot: number): void {
  const { dst, src, off } = x.frame.program.code
  const { memory } = x.run
  const bits = op.bytes * 8
  const at = address(x, dst[slot], off[slot])
  const old = memory.read(at, op.bytes, x.windows, slot)
  const operand = BigInt.asUintN(bits, x.reg[src[slot]])
  const swap = op.operator !== 'cmpxchg' || old === BigInt.asUintN(bits, x.reg[0])
  // Written back even if nothing is swapped: a read-only place faults either way.
  memory.write(at, op.bytes, swap ? combine(op.operator, old, operand) : old, x.windows, slot)
  if (op.operator === 'cmpxchg') x.reg[0] = old
  else if (op.fetch) x.reg[src[slot]] = old
}

function combine(operator: AtomicOperator, old: bigint, operand: bigint): bigint {
  switch (operator) {
    case 'add':
      return BigInt.asUintN(64, old + operand)
    case 'or':
      return old | operand
    case 'and':
      return old & operand
    case 'xor':
      return old ^ operand
    case 'xchg':
    case 'cmpxchg':
      return operand
  }
}

function readArgument(x: Execution, bytes: number, off: number, slot: number): bigint {
  const place = bytes === 8 ? x.frame.argument(off, false) : undefined
  if (!place) throw new BpfFault('instruction', slot)
  return place.array[place.index]
}

function writeArgument(x: Execution, bytes: number, off: number, value: bigint, slot: number): void {
  const place = bytes === 8 ? x.frame.argument(off, true) : undefined
  if (!place) throw new BpfFault('instruction', slot)
  place.array[place.index] = value
}
