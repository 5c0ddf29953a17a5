import type { Condition } from '../isa/op.ts'
import { Memo } from './memo.ts'
import { intersect, lowHalfIs, signExtended, zeroExtended } from './ranges.ts'
import { isKnown, type Scalar } from './scalar.ts'
import {
  draft,
  draftFrom,
  knowBits,
  lowerSigned,
  lowerUnsigned,
  raiseSigned,
  raiseUnsigned,
  settleMore,
} from './settle.ts'
import { borrow, carry, isBelow, isLess, MOST_SIGNED, SIGN } from './wide.ts'

/** Two numbers of which something is known. */
export type Two = readonly [Scalar, Scalar]

const OPPOSITE: Readonly<Record<Exclude<Condition, 'set'>, Condition>> = {
  eq: 'ne',
  ne: 'eq',
  gt: 'le',
  le: 'gt',
  ge: 'lt',
  lt: 'ge',
  sgt: 'sle',
  sle: 'sgt',
  sge: 'slt',
  slt: 'sge',
}
const CONDITIONS: readonly Condition[] = ['set', ...(Object.keys(OPPOSITE) as Condition[])]
/** The same condition with its sides exchanged. */
const MIRRORED: Partial<Record<Condition, Condition>> = { gt: 'lt', ge: 'le', sgt: 'slt', sge: 'sle' }

const both = (a: Scalar | undefined, b: Scalar | undefined): Two | undefined => (a && b ? [a, b] : undefined)

/**
 * What is known of two numbers where `a CONDITION b` holds (or, with `holds` false, does not hold). Undefined: that cannot
 * be.
 */
export function assume(condition: Condition, width: 32 | 64, a: Scalar, b: Scalar, holds: boolean): Two | undefined {
  if (isKnown(a) && isKnown(b)) return isTrue(condition, width, a, b) === holds ? [a, b] : undefined
  const what = CONDITIONS.indexOf(condition) * 128 + width + (holds ? 1 : 0)
  const place = assumed.place(what, a, b)
  if (assumed.holds(place, what, a, b)) return assumed.get(place)
  return assumed.set(place, what, a, b, findOut(condition, width, a, b, holds))
}

const assumed = new Memo<Two | undefined>()

/** Whether a condition holds between two known numbers. Low halves are in the same order with their signs before them. */
function isTrue(condition: Condition, width: 32 | 64, a: Scalar, b: Scalar): boolean {
  const { valueL: al } = a
  const { valueL: bl } = b
  const ah = width === 64 ? a.valueH : al >> 31
  const bh = width === 64 ? b.valueH : bl >> 31
  switch (condition) {
    case 'eq':
      return ah === bh && al === bl
    case 'ne':
      return ah !== bh || al !== bl
    case 'set':
      return ((ah & bh) | (al & bl)) !== 0
    case 'gt':
      return isBelow(bh, bl, ah, al)
    case 'ge':
      return !isBelow(ah, al, bh, bl)
    case 'lt':
      return isBelow(ah, al, bh, bl)
    case 'le':
      return !isBelow(bh, bl, ah, al)
    case 'sgt':
      return isLess(bh, bl, ah, al)
    case 'sge':
      return !isLess(ah, al, bh, bl)
    case 'slt':
      return isLess(ah, al, bh, bl)
    case 'sle':
      return !isLess(bh, bl, ah, al)
  }
}

function findOut(condition: Condition, width: 32 | 64, a: Scalar, b: Scalar, holds: boolean): Two | undefined {
  if (width === 64) return assume64(condition, a, b, holds)
  const signed = condition.startsWith('s') && condition !== 'set'
  const first = signed ? signExtended(a, 32) : zeroExtended(a)
  const second = signed ? signExtended(b, 32) : zeroExtended(b)
  const halves = assume64(condition, first, second, holds)
  return halves && both(withHalf(a, first, halves[0]), withHalf(b, second, halves[1]))
}

/** A number of whose low half something was found out. */
const withHalf = (s: Scalar, half: Scalar, found: Scalar): Scalar | undefined =>
  half === s || found === half ? (half === s ? found : s) : lowHalfIs(s, found)

function assume64(condition: Condition, a: Scalar, b: Scalar, holds: boolean): Two | undefined {
  if (condition === 'set') return holds ? someBits(a, b) : noBits(a, b)
  const now = holds ? condition : OPPOSITE[condition]
  const mirrored = MIRRORED[now]
  if (mirrored) {
    const swapped = assume64(mirrored, b, a, true)
    return swapped && [swapped[1], swapped[0]]
  }
  if (now === 'eq') {
    const same = intersect(a, b)
    return same && [same, same]
  }
  if (now === 'ne') return differ(a, b)
  const less = now === 'lt' || now === 'slt' ? 1 : 0
  return now === 'lt' || now === 'le' ? ordered(a, b, less) : orderedSigned(a, b, less)
}

/** `a` is at least so much (0 or 1) less than `b`, without sign. */
function ordered(a: Scalar, b: Scalar, less: number): Two | undefined {
  if (less === 1 && ((b.umaxH | b.umaxL) === 0 || (a.uminH & a.uminL) === -1)) return undefined
  draftFrom(a)
  lowerUnsigned((b.umaxH - borrow(b.umaxL, less)) | 0, (b.umaxL - less) | 0)
  const first = settleMore(a)
  draftFrom(b)
  raiseUnsigned((a.uminH + carry(a.uminL, less)) | 0, (a.uminL + less) | 0)
  return both(first, settleMore(b))
}

/** The same with sign. */
function orderedSigned(a: Scalar, b: Scalar, less: number): Two | undefined {
  const isLeast = b.smaxH === SIGN && b.smaxL === 0
  const isMost = a.sminH === MOST_SIGNED && a.sminL === -1
  if (less === 1 && (isLeast || isMost)) return undefined
  draftFrom(a)
  lowerSigned((b.smaxH - borrow(b.smaxL, less)) | 0, (b.smaxL - less) | 0)
  const first = settleMore(a)
  draftFrom(b)
  raiseSigned((a.sminH + carry(a.sminL, less)) | 0, (a.sminL + less) | 0)
  return both(first, settleMore(b))
}

function differ(a: Scalar, b: Scalar): Two | undefined {
  if (isKnown(b)) return both(without(a, b.valueH, b.valueL), b)
  return isKnown(a) ? both(a, without(b, a.valueH, a.valueL)) : [a, b]
}

/** A number, not known itself, that is not another one, which matters where that is a bound. */
function without(s: Scalar, h: number, l: number): Scalar | undefined {
  draftFrom(s)
  const [upH, upL] = [(h + carry(l, 1)) | 0, (l + 1) | 0]
  const [downH, downL] = [(h - borrow(l, 1)) | 0, (l - 1) | 0]
  if (s.uminH === h && s.uminL === l) raiseUnsigned(upH, upL)
  if (s.umaxH === h && s.umaxL === l) lowerUnsigned(downH, downL)
  if (s.sminH === h && s.sminL === l) raiseSigned(upH, upL)
  if (s.smaxH === h && s.smaxL === l) lowerSigned(downH, downL)
  const isHalfKnown = s.u32minL === s.u32maxL
  if (s.uminH === s.umaxH && s.uminH === h && !isHalfKnown) {
    if (s.u32minL === l) draft.u32minL = upL
    if (s.u32maxL === l) draft.u32maxL = downL
    if (s.s32minL === l) draft.s32minL = upL
    if (s.s32maxL === l) draft.s32maxL = downL
  }
  return settleMore(s)
}

/** `a & b` is not zero. */
function someBits(a: Scalar, b: Scalar): Two | undefined {
  const commonH = (a.valueH | a.maskH) & (b.valueH | b.maskH)
  const commonL = (a.valueL | a.maskL) & (b.valueL | b.maskL)
  if ((commonH | commonL) === 0) return undefined
  const { valueH, valueL } = b
  if (!isKnown(b) || !isOneBit(valueH, valueL)) return [a, b]
  draftFrom(a)
  return knowBits(valueH, valueL, ~valueH, ~valueL) ? both(settleMore(a), b) : undefined
}

const isOneBit = (h: number, l: number): boolean => (h === 0 ? (l & (l - 1)) === 0 : l === 0 && (h & (h - 1)) === 0)

/** `a & b` is zero. */
function noBits(a: Scalar, b: Scalar): Two | undefined {
  if (((a.valueH & b.valueH) | (a.valueL & b.valueL)) !== 0) return undefined
  if (!isKnown(b)) return [a, b]
  draftFrom(a)
  return knowBits(0, 0, ~b.valueH, ~b.valueL) ? both(settleMore(a), b) : undefined
}
