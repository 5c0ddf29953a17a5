import { Memo } from './memo.ts'
import { ANY, type Facts, isHalf, isKnown, knownHalves, type Scalar } from './scalar.ts'
import {
  draft,
  draftBits,
  draftFrom,
  knowBits,
  lowerSigned,
  lowerUnsigned,
  narrowSigned32,
  narrowUnsigned32,
  raiseSigned,
  raiseUnsigned,
  settle,
  settleMore,
} from './settle.ts'
import { isBelow, isLess, lowerOf, MOST_SIGNED, onesBelow, SIGN, upperOf } from './wide.ts'

/** A number of which some bits are known and nothing else. */
export function onlyBits(valueH: number, valueL: number, maskH: number, maskL: number): Scalar {
  draftBits(valueH, valueL, maskH, maskL)
  return settle() ?? ANY
}

/** What the draft says; what its bits alone say where bounds contradict them. */
export function settleOrBits(): Scalar {
  const { valueH, valueL, maskH, maskL } = draft
  return settle() ?? onlyBits(valueH, valueL, maskH, maskL)
}

/** A number within unsigned bounds. */
export const bounded = (umin: bigint, umax: bigint): Scalar =>
  boundedHalves(upperOf(umin), lowerOf(umin), upperOf(umax), lowerOf(umax))

export function boundedHalves(minH: number, minL: number, maxH: number, maxL: number): Scalar {
  const freeH = onesBelow(minH ^ maxH)
  const freeL = freeH !== 0 ? -1 : onesBelow(minL ^ maxL)
  draftBits(minH & ~freeH, minL & ~freeL, freeH, freeL)
  raiseUnsigned(minH, minL)
  lowerUnsigned(maxH, maxL)
  return settle() ?? ANY
}

/** A number within signed bounds. */
export const boundedSigned = (smin: bigint, smax: bigint): Scalar =>
  boundedSignedHalves(upperOf(smin), lowerOf(smin), upperOf(smax), lowerOf(smax))

function boundedSignedHalves(minH: number, minL: number, maxH: number, maxL: number): Scalar {
  draftBits(0, 0, -1, -1)
  raiseSigned(minH, minL)
  lowerSigned(maxH, maxL)
  return settle() ?? ANY
}

const sizes: Scalar[] = []

/** Of so many bytes, zero-extended. */
export function ofBytes(bytes: number): Scalar {
  if (bytes === 8) return ANY
  sizes[bytes] ??= boundedHalves(0, 0, 0, bytes === 4 ? -1 : (1 << (bytes * 8)) - 1)
  return sizes[bytes]
}

/** What both say. Undefined if no number fits. */
export function intersect(a: Scalar, b: Scalar): Scalar | undefined {
  draftFrom(a)
  if (!knowBits(b.valueH, b.valueL, b.maskH, b.maskL)) return undefined
  raiseUnsigned(b.uminH, b.uminL)
  lowerUnsigned(b.umaxH, b.umaxL)
  raiseSigned(b.sminH, b.sminL)
  lowerSigned(b.smaxH, b.smaxL)
  narrowUnsigned32(b.u32minL, b.u32maxL)
  narrowSigned32(b.s32minL, b.s32maxL)
  return settleMore(a)
}

/** The same low half under unknown upper bits. */
export function lowHalfIs(s: Scalar, low: Scalar): Scalar | undefined {
  draftFrom(s)
  if (!knowBits(0, low.valueL, -1, low.maskL)) return undefined
  narrowUnsigned32(low.u32minL, low.u32maxL)
  narrowSigned32(low.s32minL, low.s32maxL)
  return settleMore(s)
}

/** Whether each number that `b` can be, `a` can be. */
export function contains(a: Facts, b: Facts): boolean {
  return (
    a === b ||
    (!reachesBeyond(b, a) &&
      !isLess(b.sminH, b.sminL, a.sminH, a.sminL) &&
      !isLess(a.smaxH, a.smaxL, b.smaxH, b.smaxL) &&
      a.u32minL >>> 0 <= b.u32minL >>> 0 &&
      a.u32maxL >>> 0 >= b.u32maxL >>> 0 &&
      a.s32minL <= b.s32minL &&
      a.s32maxL >= b.s32maxL &&
      ((b.maskH & ~a.maskH) | (b.maskL & ~a.maskL)) === 0 &&
      (b.valueH & ~a.maskH) === a.valueH &&
      (b.valueL & ~a.maskL) === a.valueL)
  )
}

/** Whether two numbers are known to begin elsewhere. */
export const beginApart = (a: Facts, b: Facts): boolean => a.uminL !== b.uminL || a.uminH !== b.uminH

/** Whether a number without sign may lie beyond what `b` can be. */
export const reachesBeyond = (a: Facts, b: Facts): boolean =>
  isBelow(a.uminH, a.uminL, b.uminH, b.uminL) || isBelow(b.umaxH, b.umaxL, a.umaxH, a.umaxL)

/** The low half, zero-extended: what 32-bit instructions leave. */
export function zeroExtended(s: Scalar): Scalar {
  if (isHalf(s)) return s
  if (isKnown(s)) return knownHalves(0, s.valueL)
  const place = extended.place(0, s, s)
  if (extended.holds(place, 0, s, s)) return extended.get(place)
  return extended.set(place, 0, s, s, lowHalf(s))
}

const extended = new Memo<Scalar>()

function lowHalf(s: Scalar): Scalar {
  const isUnsaid = s.maskL === -1 && s.u32minL === 0 && s.u32maxL === -1
  if (isUnsaid && s.s32minL === SIGN && s.s32maxL === MOST_SIGNED) return ofBytes(4)
  draftBits(0, s.valueL, 0, s.maskL)
  lowerUnsigned(0, s.u32maxL)
  raiseUnsigned(0, s.u32minL)
  narrowUnsigned32(s.u32minL, s.u32maxL)
  narrowSigned32(s.s32minL, s.s32maxL)
  return settle() ?? ANY
}

/** The low `width` bits, zero-extended. */
export function truncated(s: Scalar, width: 8 | 16 | 32): Scalar {
  if (width === 32) return zeroExtended(s)
  const top = (1 << width) - 1
  return s.umaxH === 0 && s.umaxL >>> 0 <= top ? s : onlyBits(0, s.valueL & top, 0, s.maskL & top)
}

/** The low `from` bits, sign-extended to 64. */
export function signExtended(s: Scalar, from: 8 | 16 | 32): Scalar {
  const shift = 32 - from
  const extend = (low: number): number => (low << shift) >> shift
  if (isKnown(s)) return knownHalves(extend(s.valueL) >> 31, extend(s.valueL))
  const lowest = -1 << (from - 1)
  const highest = ~lowest
  if (!isLess(s.sminH, s.sminL, -1, lowest) && !isLess(0, highest, s.smaxH, s.smaxL)) return s
  if (from === 32) return boundedSignedHalves(s.s32minL >> 31, s.s32minL, s.s32maxL >> 31, s.s32maxL)
  const { uminL, umaxL } = truncated(s, from)
  if (umaxL <= highest) return truncated(s, from)
  return uminL > highest
    ? boundedSignedHalves(-1, extend(uminL), -1, extend(umaxL))
    : boundedSignedHalves(-1, lowest, 0, highest)
}
