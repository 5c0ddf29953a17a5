import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  borrow,
  carry,
  isBelow,
  isLess,
  lowerOf,
  shiftLeftH,
  shiftLeftL,
  shiftRightH,
  shiftRightL,
  shiftSignedH,
  shiftSignedL,
  toSigned,
  toUnsigned,
  upperOf,
  upperOfProduct,
} from './wide.ts'

const number = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc.bigInt({ min: -5n, max: 5n }).map((n) => BigInt.asUintN(64, n)),
  fc
    .tuple(fc.constantFrom(31n, 32n, 63n), fc.bigInt({ min: -2n, max: 2n }))
    .map(([n, d]) => BigInt.asUintN(64, (1n << n) + d)),
)
const signed = (n: bigint) => BigInt.asIntN(64, n)

test('halves are the number that they were made of, in its order', () => {
  fc.assert(
    fc.property(number, number, (a, b) => {
      const [ah, al, bh, bl] = [upperOf(a), lowerOf(a), upperOf(b), lowerOf(b)]
      expect(toUnsigned(ah, al)).toBe(a)
      expect(toSigned(ah, al)).toBe(signed(a))
      expect(isBelow(ah, al, bh, bl)).toBe(a < b)
      expect(isLess(ah, al, bh, bl)).toBe(signed(a) < signed(b))
    }),
    { numRuns: 3000 },
  )
})

test('halves are added, taken away, multiplied and shifted as the numbers are', () => {
  fc.assert(
    fc.property(number, number, fc.nat(63), (a, b, by) => {
      const [ah, al, bh, bl] = [upperOf(a), lowerOf(a), upperOf(b), lowerOf(b)]
      const whole = (h: number, l: number) => toUnsigned(h | 0, l | 0)
      expect(whole(ah + bh + carry(al, bl), al + bl)).toBe(BigInt.asUintN(64, a + b))
      expect(whole(ah - bh - borrow(al, bl), al - bl)).toBe(BigInt.asUintN(64, a - b))
      const [x, y] = [BigInt.asUintN(32, a), BigInt.asUintN(32, b)]
      expect(whole(upperOfProduct(al, bl), Math.imul(al, bl))).toBe(x * y)
      const count = BigInt(by)
      expect(whole(shiftLeftH(ah, al, by), shiftLeftL(al, by))).toBe(BigInt.asUintN(64, a << count))
      expect(whole(shiftRightH(ah, by), shiftRightL(ah, al, by))).toBe(a >> count)
      expect(toSigned(shiftSignedH(ah, by), shiftSignedL(ah, al, by))).toBe(signed(a) >> count)
    }),
    { numRuns: 3000 },
  )
})
