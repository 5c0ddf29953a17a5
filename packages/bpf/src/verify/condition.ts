import { holds32, holds64 } from '../interp/alu.ts'
import type { Condition } from '../isa/op.ts'
import { Memo } from './memo.ts'
import { intersect, isKnown, lowHalfIs, narrowed, type Scalar, signExtended, zeroExtended } from './scalar.ts'
import { boundedSmall, holdsSmall, MOST, Small, withoutSmall } from './small.ts'
import { intersectTnum, U64_MAX } from './tnum.ts'

/** Two numbers of which something is known. */
export type Two = readonly [Scalar, Scalar]

const OPPOSITE: Readonly<Record<Exclude<Condition, 'set'>, Condition>> = {
  eq: 'ne',
  ne: 'eq',
  gt: 'le',
  le: 'gt',
  ge: 'lt',
  lt: 'ge',
  sgt: 'sle',
  sle: 'sgt',
  sge: 'slt',
  slt: 'sge',
}
const CONDITIONS: readonly Condition[] = ['set', ...(Object.keys(OPPOSITE) as Condition[])]
/** The same condition with its sides exchanged. */
const MIRRORED: Partial<Record<Condition, Condition>> = { gt: 'lt', ge: 'le', sgt: 'slt', sge: 'sle' }

const both = (a: Scalar | undefined, b: Scalar | undefined): Two | undefined => (a && b ? [a, b] : undefined)

/**
 * What is known of two numbers where `a CONDITION b` holds (or, with `holds` false, does not hold). Undefined: that cannot
 * be.
 */
export function assume(condition: Condition, width: 32 | 64, a: Scalar, b: Scalar, holds: boolean): Two | undefined {
  if (a instanceof Small && b instanceof Small && a.mask === 0 && b.mask === 0) {
    return holdsSmall(condition, a.min, b.min) === holds ? [a, b] : undefined
  }
  const what = CONDITIONS.indexOf(condition) * 128 + width + (holds ? 1 : 0)
  const place = assumed.place(what, a, b)
  if (assumed.holds(place, what, a, b)) return assumed.get(place)
  return assumed.set(place, what, a, b, findOut(condition, width, a, b, holds))
}

const assumed = new Memo<Two | undefined>()

function findOut(condition: Condition, width: 32 | 64, a: Scalar, b: Scalar, holds: boolean): Two | undefined {
  if (isKnown(a) && isKnown(b)) {
    const yes = width === 64 ? holds64(condition, a.umin, b.umin) : holds32(condition, a.umin, b.umin)
    return yes === holds ? [a, b] : undefined
  }
  if (width === 64) return assume64(condition, a, b, holds)
  const signed = condition.startsWith('s') && condition !== 'set'
  const halve = (s: Scalar) => (signed ? signExtended(s, 32) : zeroExtended(s))
  const halves = assume64(condition, halve(a), halve(b), holds)
  return halves && both(lowHalfIs(a, halves[0]), lowHalfIs(b, halves[1]))
}

function assume64(condition: Condition, a: Scalar, b: Scalar, holds: boolean): Two | undefined {
  if (condition === 'set') return holds ? someBits(a, b) : noBits(a, b)
  const now = holds ? condition : OPPOSITE[condition]
  const mirrored = MIRRORED[now]
  if (mirrored) {
    const swapped = assume64(mirrored, b, a, true)
    return swapped && [swapped[1], swapped[0]]
  }
  if (now === 'eq') {
    const same = intersect(a, b)
    return same && [same, same]
  }
  if (now === 'ne') return differ(a, b)
  if (a instanceof Small && b instanceof Small) return smaller(now === 'lt' || now === 'slt' ? 1 : 0, a, b)
  const less = now === 'lt' || now === 'slt' ? 1n : 0n
  return now === 'lt' || now === 'le'
    ? both(narrowed(a, { umax: least(a.umax, b.umax - less) }), narrowed(b, { umin: most(b.umin, a.umin + less) }))
    : both(narrowed(a, { smax: least(a.smax, b.smax - less) }), narrowed(b, { smin: most(b.smin, a.smin + less) }))
}

/** `a` is at least so much smaller than `b`; signs make no difference. */
const smaller = (less: number, a: Small, b: Small): Two | undefined =>
  both(boundedSmall(a, 0, b.max - less), boundedSmall(b, a.min + less, MOST))

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const most = (a: bigint, b: bigint): bigint => (a > b ? a : b)

function differ(a: Scalar, b: Scalar): Two | undefined {
  if (isKnown(b)) return both(without(a, b.umin), b)
  return isKnown(a) ? both(a, without(b, a.umin)) : [a, b]
}

/** A number that is not `n`, which matters where `n` is a bound. */
function without(s: Scalar, n: bigint): Scalar | undefined {
  if (s instanceof Small && n <= MOST) return withoutSmall(s, Number(n))
  const signed = BigInt.asIntN(64, n)
  const low = n & 0xffff_ffffn
  const lowSigned = BigInt.asIntN(32, n)
  const upper = s.umin >> 32n === s.umax >> 32n && s.umin >> 32n === n >> 32n
  return narrowed(s, {
    umin: s.umin === n ? n + 1n : s.umin,
    umax: s.umax === n ? n - 1n : s.umax,
    smin: s.smin === signed ? signed + 1n : s.smin,
    smax: s.smax === signed ? signed - 1n : s.smax,
    u32min: upper && s.u32min === low ? low + 1n : s.u32min,
    u32max: upper && s.u32max === low ? low - 1n : s.u32max,
    s32min: upper && s.s32min === lowSigned ? lowSigned + 1n : s.s32min,
    s32max: upper && s.s32max === lowSigned ? lowSigned - 1n : s.s32max,
  })
}

/** `a & b` is not zero. */
function someBits(a: Scalar, b: Scalar): Two | undefined {
  if (((a.bits.value | a.bits.mask) & (b.bits.value | b.bits.mask)) === 0n) return undefined
  if (!isKnown(b) || (b.umin & (b.umin - 1n)) !== 0n) return [a, b]
  const bits = intersectTnum(a.bits, { value: b.umin, mask: U64_MAX & ~b.umin })
  return bits && both(narrowed(a, { bits }), b)
}

/** `a & b` is zero. */
function noBits(a: Scalar, b: Scalar): Two | undefined {
  if ((a.bits.value & b.bits.value) !== 0n) return undefined
  if (!isKnown(b)) return [a, b]
  const bits = intersectTnum(a.bits, { value: 0n, mask: U64_MAX & ~b.umin })
  return bits && both(narrowed(a, { bits }), b)
}
