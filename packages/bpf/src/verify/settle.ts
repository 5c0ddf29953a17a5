import { type Facts, knownHalves, Scalar, UNBOUNDED } from './scalar.ts'
import { isBelow, isLess, MOST_SIGNED, onesBelow, SIGN } from './wide.ts'

type Draft = { -readonly [K in keyof Facts]: number }

/** The one thing that is being said of a number: filled in, then settled. */
export const draft: Draft = { valueH: 0, valueL: 0, maskH: -1, maskL: -1, ...UNBOUNDED }

/** Begins with bits that are known, and with no bounds. */
export function draftBits(valueH: number, valueL: number, maskH: number, maskL: number): void {
  draft.valueH = valueH
  draft.valueL = valueL
  draft.maskH = maskH
  draft.maskL = maskL
  draft.uminH = 0
  draft.uminL = 0
  draft.umaxH = -1
  draft.umaxL = -1
  draft.sminH = SIGN
  draft.sminL = 0
  draft.smaxH = MOST_SIGNED
  draft.smaxL = -1
  draft.u32minL = 0
  draft.u32maxL = -1
  draft.s32minL = SIGN
  draft.s32maxL = MOST_SIGNED
}

/** Begins with what is known of a number. */
export function draftFrom(s: Facts): void {
  draft.valueH = s.valueH
  draft.valueL = s.valueL
  draft.maskH = s.maskH
  draft.maskL = s.maskL
  draft.uminH = s.uminH
  draft.uminL = s.uminL
  draft.umaxH = s.umaxH
  draft.umaxL = s.umaxL
  draft.sminH = s.sminH
  draft.sminL = s.sminL
  draft.smaxH = s.smaxH
  draft.smaxL = s.smaxL
  draft.u32minL = s.u32minL
  draft.u32maxL = s.u32maxL
  draft.s32minL = s.s32minL
  draft.s32maxL = s.s32maxL
}

/** Bounds narrow what is said, where they do. */
export function raiseUnsigned(h: number, l: number): void {
  if (!isBelow(draft.uminH, draft.uminL, h, l)) return
  draft.uminH = h
  draft.uminL = l
}
export function lowerUnsigned(h: number, l: number): void {
  if (!isBelow(h, l, draft.umaxH, draft.umaxL)) return
  draft.umaxH = h
  draft.umaxL = l
}
export function raiseSigned(h: number, l: number): void {
  if (!isLess(draft.sminH, draft.sminL, h, l)) return
  draft.sminH = h
  draft.sminL = l
}
export function lowerSigned(h: number, l: number): void {
  if (!isLess(h, l, draft.smaxH, draft.smaxL)) return
  draft.smaxH = h
  draft.smaxL = l
}
export function narrowUnsigned32(min: number, max: number): void {
  if (min >>> 0 > draft.u32minL >>> 0) draft.u32minL = min
  if (max >>> 0 < draft.u32maxL >>> 0) draft.u32maxL = max
}
export function narrowSigned32(min: number, max: number): void {
  if (min > draft.s32minL) draft.s32minL = min
  if (max < draft.s32maxL) draft.s32maxL = max
}

/** Whether all that is said fits together; what is known of one part is used for the others. Undefined: no number fits. */
export function settle(): Scalar | undefined {
  for (let round = 0; round < 3; round++) {
    fromBits()
    between()
    mixed()
    between()
    const { valueH, valueL, maskH, maskL } = draft
    if (!toBits()) return undefined
    if ((draft.maskH | draft.maskL) === 0) return onlyOne(draft.valueH, draft.valueL)
    const isSettled =
      valueH === draft.valueH && valueL === draft.valueL && maskH === draft.maskH && maskL === draft.maskL
    if (isSettled && round > 0) break
  }
  fromBits()
  return isPossible() ? new Scalar(draft) : undefined
}

/** The same, of a number of which something more is known; the number itself if that is nothing new. */
export function settleMore(s: Scalar): Scalar | undefined {
  const settled = settle()
  return settled && saysSame(s, settled) ? s : settled
}

const saysSame = (a: Facts, b: Facts): boolean =>
  a.valueH === b.valueH &&
  a.valueL === b.valueL &&
  a.maskH === b.maskH &&
  a.maskL === b.maskL &&
  a.uminH === b.uminH &&
  a.uminL === b.uminL &&
  a.umaxH === b.umaxH &&
  a.umaxL === b.umaxL &&
  a.sminH === b.sminH &&
  a.sminL === b.sminL &&
  a.smaxH === b.smaxH &&
  a.smaxL === b.smaxL &&
  a.u32minL === b.u32minL &&
  a.u32maxL === b.u32maxL &&
  a.s32minL === b.s32minL &&
  a.s32maxL === b.s32maxL

/** All bits are known: the number, if it lies within all bounds. */
function onlyOne(h: number, l: number): Scalar | undefined {
  const d = draft
  const fits =
    !isBelow(h, l, d.uminH, d.uminL) &&
    !isBelow(d.umaxH, d.umaxL, h, l) &&
    !isLess(h, l, d.sminH, d.sminL) &&
    !isLess(d.smaxH, d.smaxL, h, l) &&
    d.u32minL >>> 0 <= l >>> 0 &&
    l >>> 0 <= d.u32maxL >>> 0 &&
    d.s32minL <= l &&
    l <= d.s32maxL
  return fits ? knownHalves(h, l) : undefined
}

const isPossible = (): boolean =>
  !isBelow(draft.umaxH, draft.umaxL, draft.uminH, draft.uminL) &&
  !isLess(draft.smaxH, draft.smaxL, draft.sminH, draft.sminL) &&
  draft.u32minL >>> 0 <= draft.u32maxL >>> 0 &&
  draft.s32minL <= draft.s32maxL

function fromBits(): void {
  const { valueH, valueL, maskH, maskL } = draft
  const mostH = valueH | maskH
  const mostL = valueL | maskL
  raiseUnsigned(valueH, valueL)
  lowerUnsigned(mostH, mostL)
  raiseSigned(valueH | (maskH & SIGN), valueL)
  lowerSigned(valueH | (maskH & MOST_SIGNED), mostL)
  narrowUnsigned32(valueL, mostL)
  narrowSigned32(valueL | (maskL & SIGN), valueL | (maskL & MOST_SIGNED))
}

/** Signed and unsigned bounds of the same width narrow each other where a range does not cross the sign. */
function between(): void {
  if (!isLess(draft.umaxH, draft.umaxL, draft.uminH, draft.uminL)) {
    raiseSigned(draft.uminH, draft.uminL)
    lowerSigned(draft.umaxH, draft.umaxL)
  }
  if (!isBelow(draft.smaxH, draft.smaxL, draft.sminH, draft.sminL)) {
    raiseUnsigned(draft.sminH, draft.sminL)
    lowerUnsigned(draft.smaxH, draft.smaxL)
  }
  if (draft.u32minL <= draft.u32maxL) narrowSigned32(draft.u32minL, draft.u32maxL)
  if (draft.s32minL >>> 0 <= draft.s32maxL >>> 0) narrowUnsigned32(draft.s32minL, draft.s32maxL)
}

/** Bounds of all 64 bits and of the low half narrow each other. */
function mixed(): void {
  if (draft.uminH === draft.umaxH) narrowUnsigned32(draft.uminL, draft.umaxL)
  if (draft.sminH === draft.smaxH) narrowUnsigned32(draft.sminL, draft.smaxL)
  // Across a multiple of 2^32 the low half still counts on as a signed number, as long as it is less than 2^31 away.
  if (isSigned32()) narrowSigned32(draft.sminL, draft.smaxL)
  const { u32minL, u32maxL } = draft
  if (u32minL >>> 0 > draft.uminL >>> 0) draft.uminL = u32minL
  if (u32maxL >>> 0 < draft.umaxL >>> 0) draft.umaxL = u32maxL
  if (u32minL >>> 0 > draft.sminL >>> 0) draft.sminL = u32minL
  if (u32maxL >>> 0 < draft.smaxL >>> 0) draft.smaxL = u32maxL
  if (draft.s32minL < 0 || !isSigned32()) return
  raiseSigned(0, draft.s32minL)
  lowerSigned(draft.s32maxL >> 31, draft.s32maxL)
}

/** Whether the number is one of 32 bits with its sign. */
const isSigned32 = (): boolean =>
  (draft.sminH >= 0 || (draft.sminH === -1 && draft.sminL < 0)) &&
  (draft.smaxH < 0 || (draft.smaxH === 0 && draft.smaxL >= 0))

/** Bits that bounds have in common are known. False: nothing fits. */
function toBits(): boolean {
  if (!isPossible()) return false
  const { uminH, uminL, u32minL } = draft
  const freeH = onesBelow(uminH ^ draft.umaxH)
  const freeL = freeH !== 0 ? -1 : onesBelow(uminL ^ draft.umaxL)
  const free32 = onesBelow(u32minL ^ draft.u32maxL)
  return knowBits(uminH & ~freeH, uminL & ~freeL, freeH, freeL) && knowBits(0, u32minL & ~free32, -1, free32)
}

/** These bits are known too. False: they contradict what is said. */
export function knowBits(valueH: number, valueL: number, maskH: number, maskL: number): boolean {
  if (((draft.valueH ^ valueH) & ~draft.maskH & ~maskH) !== 0) return false
  if (((draft.valueL ^ valueL) & ~draft.maskL & ~maskL) !== 0) return false
  draft.maskH &= maskH
  draft.maskL &= maskL
  draft.valueH = (draft.valueH | valueH) & ~draft.maskH
  draft.valueL = (draft.valueL | valueL) & ~draft.maskL
  return true
}
