import type { Alu, AluOperator, ByteSwap } from '../../isa/op.ts'
import { I32, I64, OP } from '../encode/opcodes.ts'
import { compare } from './compare.ts'
import { binary, type Operation, swapped } from './fold.ts'
import {
  const32,
  const64,
  extend,
  extendSigned,
  isConst,
  isNumber,
  isShort,
  low,
  type Node,
  node,
  PSEUDO,
  select,
} from './node.ts'

/** `a OP b` of two registers' values, as instructions of the classes ALU and ALU64 have it. */
export function alu({ operator, width }: Alu, a: Node, b: Node): Node {
  if (operator === 'mov') return width === 64 ? b : extend(low(b))
  if (width === 32) return extend(arithmetic(operator, low(a), low(b)))
  if (a.op === PSEUDO.frame && isConst(b)) {
    if (operator === 'add') return frame(a.lo + b.lo)
    if (operator === 'sub') return frame(a.lo - b.lo)
  }
  return narrowed(operator, a, b) ?? arithmetic(operator, a, b)
}

/** R10 plus a number. */
export const frame = (offset: number): Node => node(PSEUDO.frame, I64, 64, undefined, undefined, offset | 0)

/** 64-bit arithmetic that the low halves are enough for, if this is one. */
function narrowed(operator: AluOperator, a: Node, b: Node): Node | undefined {
  const inLow = (): Node => extend(arithmetic(operator, low(a), low(b)))
  switch (operator) {
    case 'and':
      return isShort(a) || isShort(b) ? inLow() : undefined
    case 'or':
    case 'xor':
    case 'div':
    case 'mod':
      return isShort(a) && isShort(b) ? inLow() : undefined
    case 'add':
      return Math.max(a.bits, b.bits) < 32 ? inLow() : undefined
    case 'mul':
      return a.bits + b.bits <= 32 ? inLow() : undefined
    case 'lsh':
      return isConst(b) && b.lo >= 0 && a.bits + b.lo <= 32 && b.lo < 32 ? inLow() : undefined
    case 'rsh':
    case 'arsh':
      return shiftedBack(operator, a, b) ?? (isShort(a) && isConst(b) && b.lo >>> 0 < 32 ? inShort(a, b) : undefined)
    default:
      return undefined
  }
}

/** A right shift of a value that is not negative. */
const inShort = (a: Node, b: Node): Node => extend(binary('rsh', low(a), low(b)))

/** `x << 32 >> 32`: how code without 32-bit instructions extends a low half. */
function shiftedBack(operator: 'rsh' | 'arsh', a: Node, b: Node): Node | undefined {
  if (!isNumber(b, 32) || a.op !== OP.i64Shl || !isNumber(a.b!, 32)) return undefined
  return operator === 'rsh' ? extend(low(a.a!)) : extendSigned(low(a.a!))
}

/** Two values of one width. */
function arithmetic(operator: Exclude<AluOperator, 'mov'> | 'mov', a: Node, b: Node): Node {
  switch (operator) {
    case 'div':
      return isNumber(b, 0) ? b : divide(unsignedDivision(a), a, b, zeroOf(a))
    case 'mod':
      return isNumber(b, 0) ? a : divide(unsignedRemainder(a), a, b, a)
    case 'sdiv':
      return signedDivide(a, b)
    case 'smod':
      return isNumber(b, 0) ? a : divide(a.type === I32 ? OP.i32RemS : OP.i64RemS, a, b, a)
    case 'mov':
      return b
    default:
      return commuted(operator, a, b)
  }
}

/** Constants stand on the right where the order does not matter. */
function commuted(operation: Operation, a: Node, b: Node): Node {
  const swap = isConst(a) && !isConst(b) && ['add', 'mul', 'or', 'and', 'xor'].includes(operation)
  return swap ? binary(operation, b, a) : binary(operation, a, b)
}

const unsignedDivision = (n: Node): number => (n.type === I32 ? OP.i32DivU : OP.i64DivU)
const unsignedRemainder = (n: Node): number => (n.type === I32 ? OP.i32RemU : OP.i64RemU)
const zeroOf = (n: Node): Node => (n.type === I32 ? const32(0) : const64(0, 0))
const oneOf = (n: Node): Node => (n.type === I32 ? const32(1) : const64(1, 0))
const widthBits = (n: Node): number => (n.type === I32 ? 32 : 64)

/** A division that gives `otherwise` where the divisor is zero. */
function divide(opcode: number, a: Node, b: Node, otherwise: Node): Node {
  const bits = opcode === unsignedDivision(a) || opcode === unsignedRemainder(a) ? a.bits : widthBits(a)
  if (isConst(b)) return node(opcode, a.type, bits, a, b)
  const isZero = compare('eq', b, zeroOf(b))
  return select(otherwise, node(opcode, a.type, bits, a, select(oneOf(b), b, isZero)), isZero)
}

/** Divisors 0 and −1 would trap, the latter for the smallest dividend. */
function signedDivide(a: Node, b: Node): Node {
  const opcode = a.type === I32 ? OP.i32DivS : OP.i64DivS
  if (isNumber(b, 0)) return b
  if (isNumber(b, -1)) return binary('sub', zeroOf(a), a)
  if (isConst(b)) return node(opcode, a.type, widthBits(a), a, b)
  const odd = compare('le', binary('add', b, oneOf(b)), oneOf(b))
  const isZero = compare('eq', b, zeroOf(b))
  const quotient = node(opcode, a.type, widthBits(a), a, select(oneOf(b), b, odd))
  return select(select(zeroOf(a), binary('sub', zeroOf(a), a), isZero), quotient, odd)
}

export const negate = (width: 32 | 64, a: Node): Node =>
  width === 64 ? binary('sub', const64(0, 0), a) : extend(binary('sub', const32(0), low(a)))

const SIGN_32 = { 8: OP.i32Extend8S, 16: OP.i32Extend16S } as const
const SIGN_64 = { 8: OP.i64Extend8S, 16: OP.i64Extend16S } as const

/** The low `from` bits with their sign, in `width` bits. */
export function moveSigned(from: 8 | 16 | 32, width: 32 | 64, a: Node): Node {
  if (from === 32) return extendSigned(low(a))
  if (a.bits < from) return a
  return width === 32 ? extend(node(SIGN_32[from], I32, 32, low(a))) : node(SIGN_64[from], I64, 64, a)
}

export function byteSwap({ order, width }: ByteSwap, a: Node): Node {
  if (width === 64) return order === 'le' ? a : swap64(a)
  if (order !== 'le') return extend(swapped(low(a), width))
  return extend(width === 16 ? binary('and', low(a), const32(0xffff)) : low(a))
}

/** Both halves reversed, and exchanged. */
function swap64(a: Node): Node {
  const high = extend(swapped(low(a), 32))
  const lowHalf = extend(swapped(low(binary('rsh', a, const64(32, 0))), 32))
  return binary('or', binary('lsh', high, const64(32, 0)), lowHalf)
}
