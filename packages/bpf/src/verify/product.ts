import { settleOrBits } from './ranges.ts'
import type { Scalar } from './scalar.ts'
import { draft, draftBits, lowerSigned, narrowSigned32, raiseSigned } from './settle.ts'
import {
  approximately,
  carry,
  lowerOf,
  MOST_SIGNED,
  SIGN,
  shiftLeftH,
  shiftLeftL,
  TWO_32,
  upperOf,
  upperOfProduct,
} from './wide.ts'

/** What is known of a product. Bounds that may overflow say nothing. */
export function mul(a: Scalar, b: Scalar): Scalar {
  mulBits(a, b)
  if (isProductBelow(a.umaxH, a.umaxL, b.umaxH, b.umaxL)) {
    draft.uminH = productH(a.uminH, a.uminL, b.uminH, b.uminL)
    draft.uminL = Math.imul(a.uminL, b.uminL)
    draft.umaxH = productH(a.umaxH, a.umaxL, b.umaxH, b.umaxL)
    draft.umaxL = Math.imul(a.umaxL, b.umaxL)
  }
  if ((a.u32maxL >>> 0) * (b.u32maxL >>> 0) < TWO_32) {
    draft.u32minL = Math.imul(a.u32minL, b.u32minL)
    draft.u32maxL = Math.imul(a.u32maxL, b.u32maxL)
  }
  boundHalf(a, b)
  // Where neither can be negative, unsigned bounds say it all.
  if (a.sminH < 0 || b.sminH < 0) boundProduct(a, b)
  return settleOrBits()
}

/** Upper half of the lowest 64 bits of a product; the lower one is what `Math.imul` gives. */
export const productH = (ah: number, al: number, bh: number, bl: number): number =>
  (upperOfProduct(al, bl) + Math.imul(ah, bl) + Math.imul(al, bh)) | 0

/** Whether a product without sign takes no more than 64 bits. */
function isProductBelow(ah: number, al: number, bh: number, bl: number): boolean {
  if (ah !== 0 && bh !== 0) return false
  const across = ah === 0 ? (bh >>> 0) * (al >>> 0) : (ah >>> 0) * (bl >>> 0)
  return across + (upperOfProduct(al, bl) >>> 0) < TWO_32
}

/** Each bit of `a` that is or may be 1 adds what is not known of `b` that far up. */
function mulBits(a: Scalar, b: Scalar): void {
  let maskH = 0
  let maskL = 0
  const isCertain = (b.maskH | b.maskL) === 0
  let [bitsH, bitsL] = isCertain ? [a.maskH, a.maskL] : [a.valueH | a.maskH, a.valueL | a.maskL]
  while ((bitsH | bitsL) !== 0) {
    const by = bitsL !== 0 ? 31 - Math.clz32(bitsL & -bitsL) : 63 - Math.clz32(bitsH & -bitsH)
    const isOne = by < 32 ? (a.valueL >>> by) & 1 : (a.valueH >>> (by - 32)) & 1
    const h = isOne ? b.maskH : b.valueH | b.maskH
    const l = isOne ? b.maskL : b.valueL | b.maskL
    const addedH = shiftLeftH(h, l, by)
    const addedL = shiftLeftL(l, by)
    const sumH = (maskH + addedH + carry(maskL, addedL)) | 0
    maskL = (maskL + addedL) | 0 | maskL | addedL
    maskH = sumH | maskH | addedH
    if (bitsL !== 0) bitsL &= bitsL - 1
    else bitsH &= bitsH - 1
  }
  const valueL = Math.imul(a.valueL, b.valueL)
  const valueH = productH(a.valueH, a.valueL, b.valueH, b.valueL)
  const sumL = (maskL + valueL) | 0
  maskH |= ((maskH + valueH + carry(maskL, valueL)) | 0) ^ valueH
  maskL |= sumL ^ valueL
  draftBits(valueH & ~maskH, valueL & ~maskL, maskH, maskL)
}

/** Products beyond take more than 64 bits for certain, and are exact below. */
const TOO_LARGE = 1.0001 * 2 ** 63

/** Signed bounds: the product lies between those of the operands' ends. */
function boundProduct(a: Scalar, b: Scalar): void {
  const [aMin, aMax] = [approximately(a.sminH, a.sminL), approximately(a.smaxH, a.smaxL)]
  const [bMin, bMax] = [approximately(b.sminH, b.sminL), approximately(b.smaxH, b.smaxL)]
  const low = Math.min(aMin * bMin, aMin * bMax, aMax * bMin, aMax * bMax)
  const high = Math.max(aMin * bMin, aMin * bMax, aMax * bMin, aMax * bMax)
  if (low < -TOO_LARGE || high > TOO_LARGE) return
  if (low < Number.MIN_SAFE_INTEGER || high > Number.MAX_SAFE_INTEGER) {
    boundLongProduct(a, b)
    return
  }
  raiseSigned(Math.floor(low / TWO_32), low | 0)
  lowerSigned(Math.floor(high / TWO_32), high | 0)
}

/** Signed bounds of the low half. */
function boundHalf({ s32minL: aMin, s32maxL: aMax }: Scalar, { s32minL: bMin, s32maxL: bMax }: Scalar): void {
  const low = Math.min(aMin * bMin, aMin * bMax, aMax * bMin, aMax * bMax)
  const high = Math.max(aMin * bMin, aMin * bMax, aMax * bMin, aMax * bMax)
  if (low >= SIGN && high <= MOST_SIGNED) narrowSigned32(low | 0, high | 0)
}

const MOST = (1n << 63n) - 1n

function boundLongProduct(a: Scalar, b: Scalar): void {
  const ends = [a.smin * b.smin, a.smin * b.smax, a.smax * b.smin, a.smax * b.smax]
  const [low, , , high] = ends.sort((x, y) => (x < y ? -1 : 1))
  if (low < -MOST - 1n || high > MOST) return
  raiseSigned(upperOf(low), lowerOf(low))
  lowerSigned(upperOf(high), lowerOf(high))
}
