/**
 * A number of which some bits are known: those of `value` are 1, those of `mask` may be either, all others are 0. Both are
 * unsigned 64-bit and have no bit in common. Algorithms: Vishwanathan et al., "Sound, precise, and fast abstract
 * interpretation with tristate numbers", 2022.
 */
export interface Tnum {
  readonly value: bigint
  readonly mask: bigint
}

export const U64_MAX = (1n << 64n) - 1n
export const U32_MASK = 0xffff_ffffn

const u64 = (n: bigint): bigint => BigInt.asUintN(64, n)

export const constTnum = (value: bigint): Tnum => ({ value: u64(value), mask: 0n })
export const UNKNOWN: Tnum = { value: 0n, mask: U64_MAX }

/** The number of bits that a number below 2^64 needs. */
function bitLength(n: bigint): bigint {
  const high = Number(n >> 32n)
  return BigInt(high === 0 ? 32 - Math.clz32(Number(n)) : 64 - Math.clz32(high))
}

/** All numbers from `min` to `max`, unsigned. */
export function rangeTnum(min: bigint, max: bigint): Tnum {
  const mask = (1n << bitLength(min ^ max)) - 1n
  return { value: min & ~mask, mask }
}

const bits = (value: bigint, mask: bigint): Tnum => ({ value: value & ~mask & U64_MAX, mask: mask & U64_MAX })

export function addTnum(a: Tnum, b: Tnum): Tnum {
  if (a.mask === 0n && b.mask === 0n) return constTnum(a.value + b.value)
  const value = a.value + b.value
  const sigma = a.mask + b.mask + value
  return bits(u64(value), (sigma ^ value) | a.mask | b.mask)
}

export function subTnum(a: Tnum, b: Tnum): Tnum {
  if (a.mask === 0n && b.mask === 0n) return constTnum(a.value - b.value)
  const value = u64(a.value - b.value)
  const alpha = u64(value + a.mask)
  const beta = u64(value - b.mask)
  return bits(value, (alpha ^ beta) | a.mask | b.mask)
}

export const andTnum = (a: Tnum, b: Tnum): Tnum => {
  const value = a.value & b.value
  return { value, mask: (a.value | a.mask) & (b.value | b.mask) & ~value }
}

export const orTnum = (a: Tnum, b: Tnum): Tnum => {
  const value = a.value | b.value
  return { value, mask: (a.mask | b.mask) & ~value }
}

export const xorTnum = (a: Tnum, b: Tnum): Tnum => bits(a.value ^ b.value, a.mask | b.mask)

export function mulTnum(a: Tnum, b: Tnum): Tnum {
  if (a.mask === 0n && b.mask === 0n) return constTnum(a.value * b.value)
  let uncertain: Tnum = constTnum(0n)
  for (let i = 0n; (a.value | a.mask) >> i !== 0n; i++) {
    const bit = 1n << i
    if ((a.value & bit) !== 0n) uncertain = addTnum(uncertain, { value: 0n, mask: u64(b.mask << i) })
    else if ((a.mask & bit) !== 0n) uncertain = addTnum(uncertain, { value: 0n, mask: u64((b.value | b.mask) << i) })
  }
  return addTnum(constTnum(a.value * b.value), uncertain)
}

export const lshTnum = (a: Tnum, count: bigint): Tnum => ({ value: u64(a.value << count), mask: u64(a.mask << count) })
export const rshTnum = (a: Tnum, count: bigint): Tnum => ({ value: a.value >> count, mask: a.mask >> count })

/** Arithmetic shift of the low `width` bits; an unknown sign bit makes unknown bits. */
export const arshTnum = (a: Tnum, count: bigint, width: 32 | 64): Tnum => ({
  value: BigInt.asUintN(width, BigInt.asIntN(width, a.value) >> count),
  mask: BigInt.asUintN(width, BigInt.asIntN(width, a.mask) >> count),
})

/** What both allow. Undefined if they contradict each other. */
export function intersectTnum(a: Tnum, b: Tnum): Tnum | undefined {
  if (((a.value ^ b.value) & ~a.mask & ~b.mask & U64_MAX) !== 0n) return undefined
  const mask = a.mask & b.mask
  return { value: (a.value | b.value) & ~mask, mask }
}

/** Whether each number that `b` allows is allowed by `a`. */
export const containsTnum = (a: Tnum, b: Tnum): boolean =>
  (b.mask & ~a.mask & U64_MAX) === 0n && (b.value & ~a.mask & U64_MAX) === a.value

/** The low `width` bits, zero-extended. */
export const castTnum = (a: Tnum, width: number): Tnum => ({
  value: BigInt.asUintN(width, a.value),
  mask: BigInt.asUintN(width, a.mask),
})
