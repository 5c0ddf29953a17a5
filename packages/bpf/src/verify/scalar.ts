import { newSerial } from './memo.ts'
import { lowerOf, MOST_SIGNED, SIGN, signExtendedUpper, toSigned, toUnsigned, upperOf } from './wide.ts'

/**
 * What is said of a 64-bit number: its bits (those of `value` are 1, those of `mask` may be either, all others are 0), and bounds as
 * unsigned and signed, of all of it and of its low half. All in halves (`H`, `L`), as wide.ts has them.
 */
export interface Facts {
  readonly valueH: number
  readonly valueL: number
  readonly maskH: number
  readonly maskL: number
  readonly uminH: number
  readonly uminL: number
  readonly umaxH: number
  readonly umaxL: number
  readonly sminH: number
  readonly sminL: number
  readonly smaxH: number
  readonly smaxL: number
  readonly u32minL: number
  readonly u32maxL: number
  readonly s32minL: number
  readonly s32maxL: number
}

/** What is known of a number. Never changed, only replaced. Bigints are made when they are asked for: for words, and where it is rare. */
export class Scalar implements Facts {
  /** No other has it. */
  readonly serial = newSerial()
  readonly valueH: number
  readonly valueL: number
  readonly maskH: number
  readonly maskL: number
  readonly uminH: number
  readonly uminL: number
  readonly umaxH: number
  readonly umaxL: number
  readonly sminH: number
  readonly sminL: number
  readonly smaxH: number
  readonly smaxL: number
  readonly u32minL: number
  readonly u32maxL: number
  readonly s32minL: number
  readonly s32maxL: number

  constructor(facts: Facts) {
    this.valueH = facts.valueH
    this.valueL = facts.valueL
    this.maskH = facts.maskH
    this.maskL = facts.maskL
    this.uminH = facts.uminH
    this.uminL = facts.uminL
    this.umaxH = facts.umaxH
    this.umaxL = facts.umaxL
    this.sminH = facts.sminH
    this.sminL = facts.sminL
    this.smaxH = facts.smaxH
    this.smaxL = facts.smaxL
    this.u32minL = facts.u32minL
    this.u32maxL = facts.u32maxL
    this.s32minL = facts.s32minL
    this.s32maxL = facts.s32maxL
  }

  get value(): bigint {
    return toUnsigned(this.valueH, this.valueL)
  }
  get mask(): bigint {
    return toUnsigned(this.maskH, this.maskL)
  }
  get umin(): bigint {
    return toUnsigned(this.uminH, this.uminL)
  }
  get umax(): bigint {
    return toUnsigned(this.umaxH, this.umaxL)
  }
  get smin(): bigint {
    return toSigned(this.sminH, this.sminL)
  }
  get smax(): bigint {
    return toSigned(this.smaxH, this.smaxL)
  }
  get u32min(): bigint {
    return BigInt(this.u32minL >>> 0)
  }
  get u32max(): bigint {
    return BigInt(this.u32maxL >>> 0)
  }
  get s32min(): bigint {
    return BigInt(this.s32minL)
  }
  get s32max(): bigint {
    return BigInt(this.s32maxL)
  }
}

/** Bounds of which none says anything. */
export const UNBOUNDED = {
  uminH: 0,
  uminL: 0,
  umaxH: -1,
  umaxL: -1,
  sminH: SIGN,
  sminL: 0,
  smaxH: MOST_SIGNED,
  smaxL: -1,
  u32minL: 0,
  u32maxL: -1,
  s32minL: SIGN,
  s32maxL: MOST_SIGNED,
} as const

/** Nothing is known. */
export const ANY = new Scalar({ valueH: 0, valueL: 0, maskH: -1, maskL: -1, ...UNBOUNDED })

/** Numbers that were last used. */
const RECENT = 1024
const recent: Scalar[] = []

/** A number that is known. */
export const known = (n: bigint | number): Scalar =>
  typeof n === 'number' ? knownHalves(signExtendedUpper(n), n | 0) : knownHalves(upperOf(n), lowerOf(n))

export function knownHalves(h: number, l: number): Scalar {
  const place = (l ^ Math.imul(h, 0x9e3779b1)) & (RECENT - 1)
  const last = recent[place]
  if (last !== undefined && last.valueL === l && last.valueH === h) return last
  recent[place] = makeKnown(h, l)
  return recent[place]
}

const makeKnown = (h: number, l: number): Scalar =>
  new Scalar({
    valueH: h,
    valueL: l,
    maskH: 0,
    maskL: 0,
    uminH: h,
    uminL: l,
    umaxH: h,
    umaxL: l,
    sminH: h,
    sminL: l,
    smaxH: h,
    smaxL: l,
    u32minL: l,
    u32maxL: l,
    s32minL: l,
    s32maxL: l,
  })

export const isKnown = (s: Facts): boolean => (s.maskL | s.maskH) === 0

/** Whether the upper half is zero. */
export const isHalf = (s: Facts): boolean => s.umaxH === 0
