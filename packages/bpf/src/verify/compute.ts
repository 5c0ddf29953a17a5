import { alu32 } from '../interp/alu.ts'
import type { AluOperator } from '../isa/op.ts'
import { Memo } from './memo.ts'
import { mul, productH } from './product.ts'
import { div, mod, sdiv, smod } from './quotient.ts'
import { onlyBits, settleOrBits, signExtended, zeroExtended } from './ranges.ts'
import { ANY, isKnown, knownHalves, type Scalar } from './scalar.ts'
import { draft, draftBits, lowerUnsigned, raiseUnsigned } from './settle.ts'
import { add, sub } from './sums.ts'
import { borrow, carry, shiftLeftH, shiftLeftL, shiftRightH, shiftRightL, shiftSignedH, shiftSignedL } from './wide.ts'

type Arithmetic = (a: Scalar, b: Scalar, width: 32 | 64) => Scalar
/** A shift by a number that is known and less than the width. */
type Shift = (a: Scalar, by: number) => Scalar

function and(a: Scalar, b: Scalar): Scalar {
  const valueH = a.valueH & b.valueH
  const valueL = a.valueL & b.valueL
  const maskH = (a.valueH | a.maskH) & (b.valueH | b.maskH) & ~valueH
  const maskL = (a.valueL | a.maskL) & (b.valueL | b.maskL) & ~valueL
  draftBits(valueH, valueL, maskH, maskL)
  lowerUnsigned(a.umaxH, a.umaxL)
  lowerUnsigned(b.umaxH, b.umaxL)
  draft.u32maxL = a.u32maxL >>> 0 < b.u32maxL >>> 0 ? a.u32maxL : b.u32maxL
  return settleOrBits()
}

function or(a: Scalar, b: Scalar): Scalar {
  const valueH = a.valueH | b.valueH
  const valueL = a.valueL | b.valueL
  draftBits(valueH, valueL, (a.maskH | b.maskH) & ~valueH, (a.maskL | b.maskL) & ~valueL)
  raiseUnsigned(a.uminH, a.uminL)
  raiseUnsigned(b.uminH, b.uminL)
  draft.u32minL = a.u32minL >>> 0 > b.u32minL >>> 0 ? a.u32minL : b.u32minL
  return settleOrBits()
}

function xor(a: Scalar, b: Scalar): Scalar {
  const maskH = a.maskH | b.maskH
  const maskL = a.maskL | b.maskL
  return onlyBits((a.valueH ^ b.valueH) & ~maskH, (a.valueL ^ b.valueL) & ~maskL, maskH, maskL)
}

const lsh: Shift = (a, by) => {
  draftBits(
    shiftLeftH(a.valueH, a.valueL, by),
    shiftLeftL(a.valueL, by),
    shiftLeftH(a.maskH, a.maskL, by),
    shiftLeftL(a.maskL, by),
  )
  const umaxH = shiftLeftH(a.umaxH, a.umaxL, by)
  if (shiftRightH(umaxH, by) === a.umaxH && shiftRightL(umaxH, shiftLeftL(a.umaxL, by), by) === a.umaxL) {
    draft.uminH = shiftLeftH(a.uminH, a.uminL, by)
    draft.uminL = shiftLeftL(a.uminL, by)
    draft.umaxH = umaxH
    draft.umaxL = shiftLeftL(a.umaxL, by)
  }
  if (keepsSign(a.sminH, a.sminL, by) && keepsSign(a.smaxH, a.smaxL, by)) {
    draft.sminH = shiftLeftH(a.sminH, a.sminL, by)
    draft.sminL = shiftLeftL(a.sminL, by)
    draft.smaxH = shiftLeftH(a.smaxH, a.smaxL, by)
    draft.smaxL = shiftLeftL(a.smaxL, by)
  }
  return settleOrBits()
}

/** Whether a shift to the left leaves what can be shifted back. */
function keepsSign(h: number, l: number, by: number): boolean {
  const shiftedH = shiftLeftH(h, l, by)
  return shiftSignedH(shiftedH, by) === h && shiftSignedL(shiftedH, shiftLeftL(l, by), by) === l
}

const rsh: Shift = (a, by) => {
  draftBits(
    shiftRightH(a.valueH, by),
    shiftRightL(a.valueH, a.valueL, by),
    shiftRightH(a.maskH, by),
    shiftRightL(a.maskH, a.maskL, by),
  )
  draft.uminH = shiftRightH(a.uminH, by)
  draft.uminL = shiftRightL(a.uminH, a.uminL, by)
  draft.umaxH = shiftRightH(a.umaxH, by)
  draft.umaxL = shiftRightL(a.umaxH, a.umaxL, by)
  return settleOrBits()
}

/** An unknown sign makes unknown bits. */
const arsh: Shift = (a, by) => {
  draftBits(
    shiftSignedH(a.valueH, by),
    shiftSignedL(a.valueH, a.valueL, by),
    shiftSignedH(a.maskH, by),
    shiftSignedL(a.maskH, a.maskL, by),
  )
  draft.sminH = shiftSignedH(a.sminH, by)
  draft.sminL = shiftSignedL(a.sminH, a.sminL, by)
  draft.smaxH = shiftSignedH(a.smaxH, by)
  draft.smaxL = shiftSignedL(a.smaxH, a.smaxL, by)
  return settleOrBits()
}

const OPERATORS: Readonly<Record<string, Arithmetic>> = { add, sub, mul, and, or, xor, div, mod, sdiv, smod }
/** Nothing is said of the results of these if the divisor is not known, and only bounds of remainders, as Linux has it. */
const DIVISIONS: ReadonlySet<string> = new Set(['div', 'mod', 'sdiv', 'smod'])
const SHIFTS: Readonly<Record<string, Shift>> = { lsh, rsh, arsh }

const computed = new Memo<Scalar>()
const OPERATOR_NUMBERS: Readonly<Record<string, number>> = Object.fromEntries(
  [...Object.keys(OPERATORS), ...Object.keys(SHIFTS)].map((name, n) => [name, n]),
)

/** What an ALU instruction makes of two numbers; 32-bit forms zero-extend. The second one of those has no upper half. */
export function compute(operator: AluOperator, width: 32 | 64, a: Scalar, b: Scalar): Scalar {
  const shifts = operator === 'lsh' || operator === 'rsh' || operator === 'arsh'
  if (shifts && !(isKnown(b) && b.umaxH === 0 && b.umaxL >>> 0 < width)) return ANY
  const divides = DIVISIONS.has(operator)
  if (divides && !isKnown(b)) return ANY
  if (isKnown(a) && isKnown(b) && !divides) {
    return width === 64 ? exactly(operator, a, b) : exactlyHalf(operator, a, b)
  }
  const what = OPERATOR_NUMBERS[operator] * 64 + width
  const place = computed.place(what, a, b)
  if (computed.holds(place, what, a, b)) return computed.get(place)
  const result = width === 64 ? calculate(operator, 64, a, b) : calculateHalf(operator, a, b)
  return computed.set(place, what, a, b, result)
}

function calculateHalf(operator: AluOperator, a: Scalar, b: Scalar): Scalar {
  // The low half of the result rests on no more than the low halves.
  if (operator === 'add' || operator === 'sub' || operator === 'mul' || operator === 'and' || operator === 'or') {
    return zeroExtended(calculate(operator, 32, a, b))
  }
  const signed = operator === 'arsh' || operator === 'sdiv' || operator === 'smod'
  const first = signed ? signExtended(a, 32) : zeroExtended(a)
  const second = signed ? signExtended(b, 32) : zeroExtended(b)
  return zeroExtended(calculate(operator, 32, first, second))
}

const exactlyHalf = (operator: AluOperator, a: Scalar, b: Scalar): Scalar =>
  knownHalves(0, alu32(operator, a.valueL, b.valueL) | 0)

function calculate(operator: AluOperator, width: 32 | 64, a: Scalar, b: Scalar): Scalar {
  const shift = SHIFTS[operator]
  return shift ? shift(a, b.umaxL) : OPERATORS[operator](a, b, width)
}

/** The result of a 64-bit instruction on numbers that are known, without divisions. */
function exactly(operator: AluOperator, a: Scalar, b: Scalar): Scalar {
  const { valueH: ah, valueL: al } = a
  const { valueH: bh, valueL: bl } = b
  switch (operator) {
    case 'add':
      return knownHalves((ah + bh + carry(al, bl)) | 0, (al + bl) | 0)
    case 'sub':
      return knownHalves((ah - bh - borrow(al, bl)) | 0, (al - bl) | 0)
    case 'mul':
      return knownHalves(productH(ah, al, bh, bl), Math.imul(al, bl))
    case 'and':
      return knownHalves(ah & bh, al & bl)
    case 'or':
      return knownHalves(ah | bh, al | bl)
    case 'xor':
      return knownHalves(ah ^ bh, al ^ bl)
    case 'lsh':
      return knownHalves(shiftLeftH(ah, al, bl & 63), shiftLeftL(al, bl & 63))
    case 'rsh':
      return knownHalves(shiftRightH(ah, bl & 63), shiftRightL(ah, al, bl & 63))
    case 'arsh':
      return knownHalves(shiftSignedH(ah, bl & 63), shiftSignedL(ah, al, bl & 63))
    default:
      return ANY
  }
}
