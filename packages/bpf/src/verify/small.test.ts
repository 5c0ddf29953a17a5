import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AluOperator, Condition } from '../isa/op.ts'
import { assume } from './condition.ts'
import {
  ANY,
  bounded,
  compute,
  computeLarge,
  contains,
  intersect,
  known,
  lowHalfIs,
  narrowed,
  type Scalar,
} from './scalar.ts'
import { boundedSmall, calculateSmall, computeSmall, MOST, Small, withoutSmall } from './small.ts'
import { intersectTnum } from './tnum.ts'

const number = fc
  .oneof(
    fc.integer({ min: 0, max: 40 }),
    fc.integer({ min: 0, max: MOST }),
    fc
      .tuple(fc.integer({ min: 1, max: 31 }), fc.integer({ min: -2, max: 1 }))
      .map(([n, d]) => 2 ** n - 1 + Math.min(d, 0)),
  )
  .map((n) => Math.max(0, n))

/** Something known of a small number: bounds, bits, or both. */
const small: fc.Arbitrary<Small> = fc
  .tuple(number, number, number, fc.constantFrom('known', 'range', 'bits', 'ones', 'both'))
  .map(([x, y, z, what]) => {
    const range = bounded(BigInt(Math.min(x, y)), BigInt(Math.max(x, y)))
    if (what === 'known') return known(x)
    if (what === 'bits') return computeLarge('and', 64, ANY, known(x))
    if (what === 'ones') return computeLarge('or', 64, range, known(z))
    return what === 'both' ? computeLarge('and', 64, range, known(z)) : range
  })
  .map((s) => s as Small)

/** What is said, however it is kept. */
function said(s: Scalar | undefined): string {
  if (!s) return 'nothing fits'
  const { bits, umin, umax, smin, smax, u32min, u32max, s32min, s32max } = s
  return [bits.value, bits.mask, umin, umax, smin, smax, u32min, u32max, s32min, s32max].join(' ')
}

const OPERATORS: readonly AluOperator[] = ['add', 'sub', 'mul', 'div', 'mod', 'and', 'or', 'xor', 'lsh', 'rsh', 'arsh']
const CONDITIONS: readonly Condition[] = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'set', 'sgt', 'sge', 'slt', 'sle']
const width = fc.constantFrom<32 | 64>(32, 64)
const RUNS = { numRuns: 1500 }

describe('what is known of small numbers is exactly what the long way finds', () => {
  test.each(OPERATORS)('through %s', (operator) => {
    fc.assert(
      fc.property(
        small,
        fc.oneof(
          small,
          fc.integer({ min: 0, max: 33 }).map((n) => known(n) as Small),
        ),
        width,
        (a, b, w) => {
          expect([a, b].every((s) => s instanceof Small)).toBe(true)
          const found = a.mask === 0 && b.mask === 0 ? undefined : computeSmall(operator, a, b)
          if (found) expect(said(found)).toBe(said(computeLarge(operator, w, a, b)))
          expect(said(compute(operator, w, a, b))).toBe(said(computeLarge(operator, w, a, b)))
        },
      ),
      RUNS,
    )
  })

  test.each(OPERATORS)('through %s of two that are known', (operator) => {
    fc.assert(
      fc.property(number, fc.oneof(number, fc.integer({ min: 0, max: 70 })), width, (a, b, w) => {
        const exact = calculateSmall(operator, a, b)
        if (exact >= 0) expect(said(known(exact))).toBe(said(computeLarge(operator, w, known(a), known(b))))
      }),
      RUNS,
    )
  })

  test('between bounds, without a number, and where two things are known of one', () => {
    fc.assert(
      fc.property(small, small, number, number, (a, b, x, y) => {
        const [umin, umax] = [BigInt(Math.max(a.min, x)), BigInt(Math.min(a.max, y - 1))]
        expect(said(boundedSmall(a, x, y - 1))).toBe(said(narrowed(a, { umin, umax })))
        expect(said(boundedSmall(a, x, y - 1))).toBe(said(narrowed(a, { smin: umin, smax: umax })))
        const low = a.min === x ? 1n : 0n
        const high = a.max === x ? 1n : 0n
        const [min, max] = [a.umin + low, a.umax - high]
        const all = { umin: min, umax: max, smin: min, smax: max, u32min: min, u32max: max, s32min: min, s32max: max }
        expect(said(withoutSmall(a, x))).toBe(said(narrowed(a, all)))
        const common = intersectTnum(a.bits, b.bits)
        if (!common) {
          expect(intersect(a, b)).toBeUndefined()
          return
        }
        const [from, to] = [BigInt(Math.max(a.min, b.min)), BigInt(Math.min(a.max, b.max))]
        const half = { bits: common, u32min: from, u32max: to, s32min: from, s32max: to }
        expect(said(intersect(a, b))).toBe(said(narrowed(a, { ...half, umin: from, umax: to, smin: from, smax: to })))
        expect(said(lowHalfIs(a, b))).toBe(said(narrowed(a, half)))
      }),
      { numRuns: 6000 },
    )
  })

  test.each(CONDITIONS)('where %s was found out: no number is lost', (condition) => {
    fc.assert(
      fc.property(small, small, width, fc.boolean(), (a, b, w, holds) => {
        const found = assume(condition, w, a, b, holds)
        if (found) expect(contains(a, found[0]) && contains(b, found[1])).toBe(true)
        const single = assume(condition, w, known(a.min), known(b.min), holds)
        if (single && contains(a, single[0]) && contains(b, single[1])) {
          expect(found && contains(found[0], single[0]) && contains(found[1], single[1])).toBe(true)
        }
      }),
      RUNS,
    )
  })
})
