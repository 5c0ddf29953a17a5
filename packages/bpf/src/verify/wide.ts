/**
 * 64-bit numbers as two halves, each a signed 32-bit integer: an upper one (`h`) and a lower one (`l`). The same halves stand for a
 * number with sign and for one without.
 */

export const TWO_32 = 0x1_0000_0000
/** The lowest half with a sign. */
export const SIGN = -0x8000_0000
export const MOST_SIGNED = 0x7fff_ffff

/** `a < b` without sign. */
export const isBelow = (ah: number, al: number, bh: number, bl: number): boolean =>
  ah === bh ? al >>> 0 < bl >>> 0 : ah >>> 0 < bh >>> 0

/** `a < b` with sign. */
export const isLess = (ah: number, al: number, bh: number, bl: number): boolean =>
  ah === bh ? al >>> 0 < bl >>> 0 : ah < bh

export const toUnsigned = (h: number, l: number): bigint => BigInt.asUintN(64, toSigned(h, l))

export const toSigned = (h: number, l: number): bigint =>
  h === 0 || (h === -1 && l < 0) ? BigInt(h === 0 ? l >>> 0 : l) : (BigInt(h) << 32n) | BigInt(l >>> 0)

export const upperOf = (n: bigint): number => Number(BigInt.asIntN(32, n >> 32n))
export const lowerOf = (n: bigint): number => Number(BigInt.asIntN(32, n))

/** Rounded where it takes more than 53 bits. */
export const approximately = (h: number, l: number): number => h * TWO_32 + (l >>> 0)

/** Upper half of a whole number of at most 53 bits and its sign; the lower half is `n | 0`. */
export const signExtendedUpper = (n: number): number => Math.floor(n / TWO_32) | 0

/** What the lower halves of a sum carry into the upper ones. */
export const carry = (al: number, bl: number): number => ((al + bl) >>> 0 < al >>> 0 ? 1 : 0)
/** What the lower halves of a difference take from the upper ones. */
export const borrow = (al: number, bl: number): number => (al >>> 0 < bl >>> 0 ? 1 : 0)

/** Upper half of the product of two numbers without sign below 2^32; the lower one is what `Math.imul` gives. */
export function upperOfProduct(a: number, b: number): number {
  const low = (a >>> 0) * (b & 0xffff)
  const high = (a >>> 0) * (b >>> 16)
  return Math.floor((high + Math.floor(low / 0x1_0000)) / 0x1_0000) | 0
}

/** Shifts by 0 to 63. Lower halves of shifts to the left and upper halves of those to the right take one half only. */
export const shiftLeftH = (h: number, l: number, by: number): number =>
  by === 0 ? h : by < 32 ? (h << by) | (l >>> (32 - by)) : l << (by - 32)
export const shiftLeftL = (l: number, by: number): number => (by < 32 ? l << by : 0)
export const shiftRightH = (h: number, by: number): number => (by < 32 ? (h >>> by) | 0 : 0)
export const shiftRightL = (h: number, l: number, by: number): number =>
  by === 0 ? l : by < 32 ? (l >>> by) | (h << (32 - by)) : (h >>> (by - 32)) | 0
export const shiftSignedH = (h: number, by: number): number => (by < 32 ? h >> by : h >> 31)
export const shiftSignedL = (h: number, l: number, by: number): number =>
  by === 0 ? l : by < 32 ? (l >>> by) | (h << (32 - by)) : h >> (by - 32)

/** Ones up to the highest bit of a half. */
export const onesBelow = (half: number): number => (half === 0 ? 0 : (-1 >>> Math.clz32(half)) | 0)
