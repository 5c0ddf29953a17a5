import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AluOperator, Condition } from '../isa/op.ts'
import { compute } from './compute.ts'
import { assume } from './condition.ts'
import { bounded, boundedSigned, contains, intersect, signExtended, truncated } from './ranges.ts'
import { ANY, known, type Scalar } from './scalar.ts'

const u64 = (n: bigint) => BigInt.asUintN(64, n)
const lower = (a: bigint, b: bigint) => [a, b].sort((x, y) => Number(x > y) - Number(x < y))[0]
const higher = (a: bigint, b: bigint) => [a, b].sort((x, y) => Number(x < y) - Number(x > y))[0]
const s64 = (n: bigint) => BigInt.asIntN(64, n)

/** Numbers near where something happens. */
const number = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc.bigInt({ min: -300n, max: 300n }).map(u64),
  fc
    .tuple(fc.constantFrom(31n, 32n, 33n, 63n, 16n, 15n), fc.bigInt({ min: -3n, max: 3n }))
    .map(([n, d]) => u64((1n << n) + d)),
)

/** Something known of a number, and a number of which it is true. */
const sample: fc.Arbitrary<readonly [Scalar, bigint]> = fc
  .tuple(number, number, number, fc.constantFrom('any', 'known', 'unsigned', 'signed', 'low', 'bits'))
  .map(([n, x, y, what]) => {
    if (what === 'known') return [known(n), n]
    if (what === 'unsigned') return [bounded(lower(x, n), higher(y, n)), n]
    if (what === 'signed') {
      const [s, p, q] = [s64(n), s64(x), s64(y)]
      return [boundedSigned(lower(p, s), higher(q, s)), n]
    }
    if (what === 'low') return [truncated(known(n), 16), n & 0xffffn]
    if (what === 'bits') return [compute('and', 64, ANY, known(x)), n & x]
    return [ANY, n]
  })

/** What is said, without who says it. */
const factsOf = ({ serial: _, ...facts }: Scalar) => facts
const holdsOf = (s: Scalar, n: bigint): boolean => contains(s, known(n))

const truth: Record<string, (a: bigint, b: bigint, width: 32 | 64) => bigint> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  div: (a, b) => (b === 0n ? 0n : a / b),
  mod: (a, b) => (b === 0n ? a : a % b),
  sdiv: (a, b, w) => (b === 0n ? 0n : BigInt.asIntN(w, a) / BigInt.asIntN(w, b)),
  smod: (a, b, w) => (b === 0n ? a : BigInt.asIntN(w, a) % BigInt.asIntN(w, b)),
  lsh: (a, b, w) => a << (b & BigInt(w - 1)),
  rsh: (a, b, w) => a >> (b & BigInt(w - 1)),
  arsh: (a, b, w) => BigInt.asIntN(w, a) >> (b & BigInt(w - 1)),
}

const meets: Record<Condition, (a: bigint, b: bigint, sa: bigint, sb: bigint) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  set: (a, b) => (a & b) !== 0n,
  sgt: (_a, _b, a, b) => a > b,
  sge: (_a, _b, a, b) => a >= b,
  slt: (_a, _b, a, b) => a < b,
  sle: (_a, _b, a, b) => a <= b,
}

const width = fc.constantFrom<32 | 64>(32, 64)
const RUNS = { numRuns: 4000 }

describe('what is known of numbers', () => {
  test.each(Object.keys(truth))('stays true through %s', (operator) => {
    fc.assert(
      fc.property(sample, sample, width, ([sa, a], [sb, b], w) => {
        const cut = (n: bigint) => BigInt.asUintN(w, n)
        const result = cut(truth[operator](cut(a), cut(b), w))
        expect(holdsOf(compute(operator as AluOperator, w, sa, sb), result)).toBe(true)
      }),
      RUNS,
    )
  })

  test.each(Object.keys(meets) as Condition[])('stays true where %s was found out', (condition) => {
    fc.assert(
      fc.property(sample, sample, width, ([sa, a], [sb, b], w) => {
        const [x, y] = [BigInt.asUintN(w, a), BigInt.asUintN(w, b)]
        const holds = meets[condition](x, y, BigInt.asIntN(w, x), BigInt.asIntN(w, y))
        const after = assume(condition, w, sa, sb, holds)
        expect(after && holdsOf(after[0], a) && holdsOf(after[1], b)).toBe(true)
        expect(after && contains(sa, after[0]) && contains(sb, after[1])).toBe(true)
      }),
      RUNS,
    )
  })

  test.each([8, 16, 32] as const)('stays true when the low %i bits are sign-extended', (from) => {
    fc.assert(
      fc.property(sample, ([s, n]) => {
        expect(holdsOf(signExtended(s, from), u64(BigInt.asIntN(from, n)))).toBe(true)
      }),
      RUNS,
    )
  })

  test('is never lost where two things are known of the same number', () => {
    fc.assert(
      fc.property(sample, sample, ([a, n], [b]) => {
        if (!holdsOf(b, n)) return
        const common = intersect(a, b)
        expect(common && holdsOf(common, n)).toBe(true)
      }),
      RUNS,
    )
  })

  test('is as exact as can be for what is known altogether', () => {
    expect(compute('add', 64, known(2n), known(3n))).toEqual(known(5n))
    expect(compute('sub', 32, known(2n), known(3n))).toEqual(known(0xffff_ffffn))
    expect(compute('and', 64, ANY, known(7n))).toMatchObject(factsOf(bounded(0n, 7n)))
    expect(assume('gt', 64, ANY, known(9n), false)?.[0]).toMatchObject(factsOf(bounded(0n, 9n)))
    expect(assume('lt', 32, bounded(0n, 0xffff_ffffn), known(64n), true)?.[0]).toMatchObject(factsOf(bounded(0n, 63n)))
    expect(assume('sgt', 64, bounded(0n, 5n), known(7n), true)).toBeUndefined()
  })
})
