import { settleOrBits } from './ranges.ts'
import { ANY, type Scalar } from './scalar.ts'
import { draft, draftBits } from './settle.ts'
import { borrow, carry, TWO_32 } from './wide.ts'

/** What is known of a sum. Bounds that may overflow say nothing. */
export function add(a: Scalar, b: Scalar): Scalar {
  if (a === ANY || b === ANY) return ANY
  addBits(a, b)
  setUnsigned(
    (a.uminH >>> 0) + (b.uminH >>> 0) + carry(a.uminL, b.uminL),
    a.uminL + b.uminL,
    (a.umaxH >>> 0) + (b.umaxH >>> 0) + carry(a.umaxL, b.umaxL),
    a.umaxL + b.umaxL,
  )
  setSigned(
    a.sminH + b.sminH + carry(a.sminL, b.sminL),
    a.sminL + b.sminL,
    a.smaxH + b.smaxH + carry(a.smaxL, b.smaxL),
    a.smaxL + b.smaxL,
  )
  setUnsigned32((a.u32minL >>> 0) + (b.u32minL >>> 0), (a.u32maxL >>> 0) + (b.u32maxL >>> 0))
  setSigned32(a.s32minL + b.s32minL, a.s32maxL + b.s32maxL)
  return settleOrBits()
}

/** What is known of a difference. */
export function sub(a: Scalar, b: Scalar): Scalar {
  if (a === ANY || b === ANY) return ANY
  subBits(a, b)
  setUnsigned(
    (a.uminH >>> 0) - (b.umaxH >>> 0) - borrow(a.uminL, b.umaxL),
    a.uminL - b.umaxL,
    (a.umaxH >>> 0) - (b.uminH >>> 0) - borrow(a.umaxL, b.uminL),
    a.umaxL - b.uminL,
  )
  setSigned(
    a.sminH - b.smaxH - borrow(a.sminL, b.smaxL),
    a.sminL - b.smaxL,
    a.smaxH - b.sminH - borrow(a.smaxL, b.sminL),
    a.smaxL - b.sminL,
  )
  setUnsigned32((a.u32minL >>> 0) - (b.u32maxL >>> 0), (a.u32maxL >>> 0) - (b.u32minL >>> 0))
  setSigned32(a.s32minL - b.s32maxL, a.s32maxL - b.s32minL)
  return settleOrBits()
}

/** Bits that a carry may reach are not known. */
function addBits(a: Scalar, b: Scalar): void {
  const valueL = (a.valueL + b.valueL) | 0
  const valueH = (a.valueH + b.valueH + carry(a.valueL, b.valueL)) | 0
  const unknownL = (a.maskL + b.maskL) | 0
  const unknownH = a.maskH + b.maskH + carry(a.maskL, b.maskL)
  const sumL = (unknownL + valueL) | 0
  const sumH = (unknownH + valueH + carry(unknownL, valueL)) | 0
  const maskH = (sumH ^ valueH) | a.maskH | b.maskH
  const maskL = (sumL ^ valueL) | a.maskL | b.maskL
  draftBits(valueH & ~maskH, valueL & ~maskL, maskH, maskL)
}

function subBits(a: Scalar, b: Scalar): void {
  const valueL = (a.valueL - b.valueL) | 0
  const valueH = (a.valueH - b.valueH - borrow(a.valueL, b.valueL)) | 0
  const mostL = (valueL + a.maskL) | 0
  const mostH = (valueH + a.maskH + carry(valueL, a.maskL)) | 0
  const leastL = (valueL - b.maskL) | 0
  const leastH = (valueH - b.maskH - borrow(valueL, b.maskL)) | 0
  const maskH = (mostH ^ leastH) | a.maskH | b.maskH
  const maskL = (mostL ^ leastL) | a.maskL | b.maskL
  draftBits(valueH & ~maskH, valueL & ~maskL, maskH, maskL)
}

/** How often a half without sign went round. */
const rounds = (n: number): number => (n < 0 ? -1 : n < TWO_32 ? 0 : 1)
const fits = (n: number): boolean => n === (n | 0)

/** Unsigned bounds stay bounds if both go round equally often. */
function setUnsigned(lowH: number, lowL: number, highH: number, highL: number): void {
  if (rounds(lowH) !== rounds(highH)) return
  draft.uminH = lowH | 0
  draft.uminL = lowL | 0
  draft.umaxH = highH | 0
  draft.umaxL = highL | 0
}

function setSigned(lowH: number, lowL: number, highH: number, highL: number): void {
  if (!fits(lowH) || !fits(highH)) return
  draft.sminH = lowH
  draft.sminL = lowL | 0
  draft.smaxH = highH
  draft.smaxL = highL | 0
}

function setUnsigned32(low: number, high: number): void {
  if (rounds(low) !== rounds(high)) return
  draft.u32minL = low | 0
  draft.u32maxL = high | 0
}

function setSigned32(low: number, high: number): void {
  if (!fits(low) || !fits(high)) return
  draft.s32minL = low
  draft.s32maxL = high
}
