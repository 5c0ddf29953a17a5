import { I32, OP } from '../encode/opcodes.ts'
import { const32, const64, isConst, isNumber, type Node, node, PSEUDO } from './node.ts'

/** Arithmetic with two numbers, in 32 and in 64 bits: for each operator its opcodes and what it makes of constants. */
interface Operator {
  readonly i32: number
  readonly i64: number
  readonly fold: (a: bigint, b: bigint) => bigint
  /** Bound of the result's bits from those of the operands. */
  readonly bits: (a: Node, b: Node, width: number) => number
}

const wide = (_a: Node, _b: Node, width: number): number => width
const larger = (a: Node, b: Node): number => Math.max(a.bits, b.bits)

export const OPERATORS = {
  add: {
    i32: OP.i32Add,
    i64: OP.i64Add,
    fold: (a, b) => a + b,
    bits: (a, b, width) => Math.min(width, Math.max(a.bits, b.bits) + 1),
  },
  sub: { i32: OP.i32Sub, i64: OP.i64Sub, fold: (a, b) => a - b, bits: wide },
  mul: {
    i32: OP.i32Mul,
    i64: OP.i64Mul,
    fold: (a, b) => a * b,
    bits: (a, b, width) => Math.min(width, a.bits + b.bits),
  },
  or: { i32: OP.i32Or, i64: OP.i64Or, fold: (a, b) => a | b, bits: larger },
  and: { i32: OP.i32And, i64: OP.i64And, fold: (a, b) => a & b, bits: (a, b) => Math.min(a.bits, b.bits) },
  xor: { i32: OP.i32Xor, i64: OP.i64Xor, fold: (a, b) => a ^ b, bits: larger },
  lsh: {
    i32: OP.i32Shl,
    i64: OP.i64Shl,
    fold: (a, b) => a << b,
    bits: (a, b, width) => (isConst(b) ? Math.min(width, a.bits + (b.lo & (width - 1))) : width),
  },
  rsh: {
    i32: OP.i32ShrU,
    i64: OP.i64ShrU,
    fold: (a, b) => a >> b,
    bits: (a, b, width) => (isConst(b) ? Math.max(0, a.bits - (b.lo & (width - 1))) : a.bits),
  },
  arsh: {
    i32: OP.i32ShrS,
    i64: OP.i64ShrS,
    fold: (a, b) => a >> b,
    bits: (a, _b, width) => Math.min(a.bits, width),
  },
} as const satisfies Record<string, Operator>

export type Operation = keyof typeof OPERATORS

const isShift = (operation: Operation): boolean => operation === 'lsh' || operation === 'rsh' || operation === 'arsh'

const widthOf = (n: Node): 32 | 64 => (n.type === I32 ? 32 : 64)

const toBigInt = (n: Node): bigint =>
  n.type === I32 ? BigInt(n.lo >>> 0) : (BigInt(n.hi >>> 0) << 32n) | BigInt(n.lo >>> 0)

const fromBigInt = (value: bigint, type: number): Node =>
  type === I32
    ? const32(Number(BigInt.asIntN(32, value)))
    : const64(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)))

/** `a OP b` of two nodes of one type. Shift counts are taken modulo the width, as WebAssembly does. */
export function binary(operation: Operation, a: Node, b: Node): Node {
  if (isConst(a) && isConst(b)) return foldConstants(operation, a, b)
  const simple = simplify(operation, a, b)
  if (simple) return simple
  const { i32, i64, bits } = OPERATORS[operation]
  const width = widthOf(a)
  return node(width === 32 ? i32 : i64, a.type, bits(a, b, width), a, b)
}

function foldConstants(operation: Operation, a: Node, b: Node): Node {
  const width = widthOf(a)
  const left = operation === 'arsh' ? BigInt.asIntN(width, toBigInt(a)) : toBigInt(a)
  const right = isShift(operation) ? toBigInt(b) & BigInt(width - 1) : toBigInt(b)
  return fromBigInt(OPERATORS[operation].fold(left, right), a.type)
}

/** What needs no instruction, or another one. */
function simplify(operation: Operation, a: Node, b: Node): Node | undefined {
  const zero = isNumber(b, 0)
  if (zero && operation !== 'and' && operation !== 'mul') return a
  if (zero) return b
  if (operation === 'and' && isLowMask(b, a.bits)) return a
  if (operation === 'add' && isConst(b) && a.op === addOf(a) && isConst(a.b!))
    return binary('add', a.a!, binary('add', a.b!, b))
  if (operation === 'or' || operation === 'add' || operation === 'xor') return rotation(a, b) ?? rotation(b, a)
  return undefined
}

const addOf = (n: Node): number => (n.type === I32 ? OP.i32Add : OP.i64Add)

/** Whether a constant keeps all of the lowest `bits` bits. */
function isLowMask(n: Node, bits: number): boolean {
  if (!isConst(n)) return false
  const lo = bits >= 32 ? -1 : (1 << bits) - 1
  const hi = bits <= 32 ? 0 : bits >= 64 ? -1 : (1 << (bits - 32)) - 1
  return (n.lo & lo) === lo && (n.type === I32 || (n.hi & hi) === hi)
}

/** `x << k` and `x >> (width − k)` together, which engines do not see for what it is. */
function rotation(left: Node, right: Node): Node | undefined {
  const [shl, shr, rotl] = left.type === I32 ? [OP.i32Shl, OP.i32ShrU, OP.i32Rotl] : [OP.i64Shl, OP.i64ShrU, OP.i64Rotl]
  if (left.op !== shl || right.op !== shr || left.a !== right.a || !isConst(left.b!) || !isConst(right.b!))
    return undefined
  const width = widthOf(left)
  if ((left.b!.lo & (width - 1)) + (right.b!.lo & (width - 1)) !== width) return undefined
  return node(rotl, left.type, width, left.a, left.b)
}

/** The low 16 or 32 bits of an I32, reversed by bytes. */
export function swapped(n: Node, width: 16 | 32): Node {
  if (isConst(n)) return const32(swapNumber(n.lo, width))
  const op = width === 16 ? PSEUDO.swap16 : PSEUDO.swap32
  const operand = width === 16 ? binary('and', n, const32(0xffff)) : n
  return operand.op === op ? operand.a! : node(op, I32, width, operand)
}

export const swapNumber = (value: number, width: 16 | 32): number => {
  const half = ((value & 0xff) << 8) | ((value >>> 8) & 0xff)
  return width === 16 ? half : (half << 16) | (((value >>> 8) & 0xff00) | (value >>> 24))
}
