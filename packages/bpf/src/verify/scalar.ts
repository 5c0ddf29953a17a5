import { alu32, alu64 } from '../interp/alu.ts'
import type { AluOperator } from '../isa/op.ts'
import { Memo, newSerial } from './memo.ts'
import { calculateSmall, computeSmall, containsSmall, intersectSmall, knownSmall, MOST, Small } from './small.ts'
import {
  addTnum,
  andTnum,
  arshTnum,
  castTnum,
  constTnum,
  containsTnum,
  intersectTnum,
  lshTnum,
  mulTnum,
  orTnum,
  rangeTnum,
  rshTnum,
  subTnum,
  type Tnum,
  U32_MASK,
  U64_MAX,
  UNKNOWN,
  xorTnum,
} from './tnum.ts'

/** What is known of a 64-bit number: its bits, and bounds as unsigned and signed, of all of it and of its low half. */
export interface Scalar {
  /** Of each one another. */
  readonly serial: number
  readonly bits: Tnum
  readonly umin: bigint
  readonly umax: bigint
  readonly smin: bigint
  readonly smax: bigint
  readonly u32min: bigint
  readonly u32max: bigint
  readonly s32min: bigint
  readonly s32max: bigint
}

type Draft = { -readonly [K in keyof Facts]: Facts[K] }
type Facts = Omit<Scalar, 'serial'>

const S64_MIN = -(1n << 63n)
const S64_MAX = (1n << 63n) - 1n
const S32_MIN = -(1n << 31n)
const S32_MAX = (1n << 31n) - 1n
const SIGN64 = 1n << 63n
const SIGN32 = 1n << 31n

const s64 = (n: bigint): bigint => BigInt.asIntN(64, n)
const u64 = (n: bigint): bigint => BigInt.asUintN(64, n)
const s32 = (n: bigint): bigint => BigInt.asIntN(32, n)
const u32 = (n: bigint): bigint => n & U32_MASK
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b)
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b)

const FULL = {
  umin: 0n,
  umax: U64_MAX,
  smin: S64_MIN,
  smax: S64_MAX,
  u32min: 0n,
  u32max: U32_MASK,
  s32min: S32_MIN,
  s32max: S32_MAX,
} as const

export const ANY: Scalar = { serial: newSerial(), bits: UNKNOWN, ...FULL }

const MOST_SMALL = BigInt(MOST)

/** Large numbers that were last used, by their lowest bits. */
const RECENT = 1024
const recent: Scalar[] = []

/** A number that is known. */
export function known(n: bigint | number): Scalar {
  if (n >= 0 && n <= MOST) return knownSmall(Number(n))
  const value = u64(BigInt(n))
  const place = Number(BigInt.asUintN(32, value)) % RECENT
  const last = recent[place]
  if (last?.umin === value) return last
  recent[place] = makeKnown(value)
  return recent[place]
}

function makeKnown(value: bigint): Scalar {
  const signed = s64(value)
  const low = u32(value)
  const low32 = s32(value)
  return {
    serial: newSerial(),
    bits: constTnum(value),
    umin: value,
    umax: value,
    smin: signed,
    smax: signed,
    u32min: low,
    u32max: low,
    s32min: low32,
    s32max: low32,
  }
}

export const isKnown = (s: Scalar): boolean => (s instanceof Small ? s.mask === 0 : s.bits.mask === 0n)

/** A number within unsigned bounds. */
export const bounded = (umin: bigint, umax: bigint): Scalar =>
  settle({ bits: rangeTnum(umin, umax), ...FULL, umin, umax }) ?? ANY

/** A number within signed bounds. */
export const boundedSigned = (smin: bigint, smax: bigint): Scalar =>
  settle({ bits: UNKNOWN, ...FULL, smin, smax }) ?? ANY

/** Of so many bytes, zero-extended. */
export function ofBytes(bytes: number): Scalar {
  if (bytes === 8) return ANY
  sizes[bytes] ??= bounded(0n, (1n << BigInt(bytes * 8)) - 1n)
  return sizes[bytes]
}

const sizes: Scalar[] = []

/** Whether all that is said fits together; what is known of one part is used for the others. Undefined: nothing fits. */
function settle(draft: Draft): Scalar | undefined {
  for (let round = 0; round < 3; round++) {
    fromBits(draft)
    between(draft)
    mixed(draft)
    between(draft)
    const bits = toBits(draft)
    if (!bits) return undefined
    const settled = bits.value === draft.bits.value && bits.mask === draft.bits.mask
    draft.bits = bits
    if (settled && round > 0) break
    if (bits.mask === 0n) return holdsOnly(draft, bits.value) ? known(bits.value) : undefined
  }
  fromBits(draft)
  if (!isPossible(draft)) return undefined
  if (isSmall(draft)) {
    return new Small(Number(draft.umin), Number(draft.umax), Number(draft.bits.value), Number(draft.bits.mask))
  }
  const { bits, umin, umax, smin, smax, u32min, u32max, s32min, s32max } = draft
  return { serial: newSerial(), bits, umin, umax, smin, smax, u32min, u32max, s32min, s32max }
}

/** Whether all bounds are the same four times, and fit. */
const isSmall = ({ bits, umin, umax, smin, smax, u32min, u32max, s32min, s32max }: Facts): boolean =>
  umax <= MOST_SMALL &&
  (bits.value | bits.mask) <= MOST_SMALL &&
  umin === smin &&
  umin === u32min &&
  umin === s32min &&
  umax === smax &&
  umax === u32max &&
  umax === s32max

/** What is known, to be changed. */
const draftOf = ({ bits, umin, umax, smin, smax, u32min, u32max, s32min, s32max }: Facts): Draft => ({
  bits,
  umin,
  umax,
  smin,
  smax,
  u32min,
  u32max,
  s32min,
  s32max,
})

/** Whether a number lies within all bounds. */
const holdsOnly = (d: Facts, n: bigint): boolean => contains(d, known(n))

const isPossible = (d: Draft): boolean =>
  d.umin <= d.umax && d.smin <= d.smax && d.u32min <= d.u32max && d.s32min <= d.s32max

function fromBits(d: Draft): void {
  const { value, mask } = d.bits
  d.umin = max(d.umin, value)
  d.umax = min(d.umax, value | mask)
  d.smin = max(d.smin, s64(value | (mask & SIGN64)))
  d.smax = min(d.smax, s64(value | (mask & ~SIGN64)))
  const low = u32(value)
  const lowMask = u32(mask)
  d.u32min = max(d.u32min, low)
  d.u32max = min(d.u32max, low | lowMask)
  d.s32min = max(d.s32min, s32(low | (lowMask & SIGN32)))
  d.s32max = min(d.s32max, s32(low | (lowMask & ~SIGN32)))
}

/** Signed and unsigned bounds of the same width narrow each other where a range does not cross the sign. */
function between(d: Draft): void {
  if (s64(d.umin) <= s64(d.umax)) {
    d.smin = max(d.smin, s64(d.umin))
    d.smax = min(d.smax, s64(d.umax))
  }
  if (u64(d.smin) <= u64(d.smax)) {
    d.umin = max(d.umin, u64(d.smin))
    d.umax = min(d.umax, u64(d.smax))
  }
  if (s32(d.u32min) <= s32(d.u32max)) {
    d.s32min = max(d.s32min, s32(d.u32min))
    d.s32max = min(d.s32max, s32(d.u32max))
  }
  if (u32(d.s32min) <= u32(d.s32max)) {
    d.u32min = max(d.u32min, u32(d.s32min))
    d.u32max = min(d.u32max, u32(d.s32max))
  }
}

/** Bounds of all 64 bits and of the low half narrow each other. */
function mixed(d: Draft): void {
  if (d.umin >> 32n === d.umax >> 32n) {
    d.u32min = max(d.u32min, u32(d.umin))
    d.u32max = min(d.u32max, u32(d.umax))
  }
  if (d.smin >> 32n === d.smax >> 32n) {
    d.u32min = max(d.u32min, u32(d.smin))
    d.u32max = min(d.u32max, u32(d.smax))
  }
  // Across a multiple of 2^32 the low half still counts on as a signed number, as long as it is less than 2^31 away.
  if (d.smin >= S32_MIN && d.smax <= S32_MAX) {
    d.s32min = max(d.s32min, d.smin)
    d.s32max = min(d.s32max, d.smax)
  }
  d.umin = max(d.umin, (d.umin & ~U32_MASK) | d.u32min)
  d.umax = min(d.umax, (d.umax & ~U32_MASK) | d.u32max)
  d.smin = max(d.smin, s64((u64(d.smin) & ~U32_MASK) | d.u32min))
  d.smax = min(d.smax, s64((u64(d.smax) & ~U32_MASK) | d.u32max))
  if (d.s32min >= 0n && d.smin >= S32_MIN && d.smax <= S32_MAX) {
    d.smin = max(d.smin, d.s32min)
    d.smax = min(d.smax, d.s32max)
  }
}

function toBits(d: Draft): Tnum | undefined {
  if (!isPossible(d)) return undefined
  const whole = intersectTnum(d.bits, rangeTnum(d.umin, d.umax))
  if (!whole) return undefined
  const low = rangeTnum(d.u32min, d.u32max)
  return intersectTnum(whole, { value: low.value, mask: low.mask | (U64_MAX & ~U32_MASK) })
}

/** A number of which this is known and nothing else. */
const onlyBits = (bits: Tnum): Scalar => settle({ bits, ...FULL }) ?? ANY

/** `s` with some bounds narrowed; undefined if no number is left. */
export const narrowed = (s: Scalar, bounds: Partial<Facts>): Scalar | undefined => settle({ ...draftOf(s), ...bounds })

/** What both say. Undefined if no number fits. */
export function intersect(a: Scalar, b: Scalar): Scalar | undefined {
  if (a instanceof Small && b instanceof Small) return intersectSmall(a, b)
  const bits = intersectTnum(a.bits, b.bits)
  return bits && settle({ bits, ...tighter(a, b) })
}

const tighter = (a: Scalar, b: Scalar): Omit<Facts, 'bits'> => ({
  umin: max(a.umin, b.umin),
  umax: min(a.umax, b.umax),
  smin: max(a.smin, b.smin),
  smax: min(a.smax, b.smax),
  u32min: max(a.u32min, b.u32min),
  u32max: min(a.u32max, b.u32max),
  s32min: max(a.s32min, b.s32min),
  s32max: min(a.s32max, b.s32max),
})

/** The same low half under unknown upper bits. */
export function lowHalfIs(s: Scalar, low: Scalar): Scalar | undefined {
  if (s instanceof Small && low instanceof Small) return intersectSmall(s, low)
  const bits = intersectTnum(s.bits, {
    value: low.bits.value & U32_MASK,
    mask: (low.bits.mask & U32_MASK) | (U64_MAX & ~U32_MASK),
  })
  if (!bits) return undefined
  return settle({
    ...draftOf(s),
    bits,
    u32min: max(s.u32min, low.u32min),
    u32max: min(s.u32max, low.u32max),
    s32min: max(s.s32min, low.s32min),
    s32max: min(s.s32max, low.s32max),
  })
}

/** Whether each number that `b` can be, `a` can be. */
export function contains(a: Facts, b: Facts): boolean {
  if (a === b) return true
  return a instanceof Small && b instanceof Small ? containsSmall(a, b) : containsAll(a, b)
}

const containsAll = (a: Facts, b: Facts): boolean =>
  a.umin <= b.umin &&
  a.umax >= b.umax &&
  a.smin <= b.smin &&
  a.smax >= b.smax &&
  a.u32min <= b.u32min &&
  a.u32max >= b.u32max &&
  a.s32min <= b.s32min &&
  a.s32max >= b.s32max &&
  containsTnum(a.bits, b.bits)

/** Whether two numbers are known to begin elsewhere. */
export const beginApart = (a: Scalar, b: Scalar): boolean =>
  a instanceof Small && b instanceof Small ? a.min !== b.min : a.umin !== b.umin

/** Whether a number without sign may lie beyond what `b` can be. */
export const reachesBeyond = (a: Scalar, b: Scalar): boolean =>
  a instanceof Small && b instanceof Small ? b.min > a.min || b.max < a.max : b.umin > a.umin || b.umax < a.umax

/** Whether the upper half is zero. */
export const isHalf = (s: Scalar): boolean => s instanceof Small || s.umax <= U32_MASK

/** The low half, zero-extended: what 32-bit instructions leave. */
export function zeroExtended(s: Scalar): Scalar {
  if (isHalf(s)) return s
  const place = extended.place(0, s, s)
  if (extended.holds(place, 0, s, s)) return extended.get(place)
  return extended.set(place, 0, s, s, lowHalf(s))
}

const extended = new Memo<Scalar>()

function lowHalf(s: Scalar): Scalar {
  const { bits, u32min, u32max, s32min, s32max } = s
  if (u32min === 0n && u32max === U32_MASK && (bits.mask & U32_MASK) === U32_MASK) return ofBytes(4)
  return (
    settle({ bits: castTnum(bits, 32), ...FULL, umin: u32min, umax: u32max, u32min, u32max, s32min, s32max }) ?? ANY
  )
}

/** The low `width` bits, zero-extended. */
export const truncated = (s: Scalar, width: 8 | 16 | 32): Scalar => {
  if (width === 32) return zeroExtended(s)
  const top = (1n << BigInt(width)) - 1n
  return s.umax <= top ? s : onlyBits(castTnum(s.bits, width))
}

/** The low `from` bits, sign-extended to 64. */
export function signExtended(s: Scalar, from: 8 | 16 | 32): Scalar {
  if (s instanceof Small && s.max < 2 ** (from - 1)) return s
  if (isKnown(s)) return known(BigInt.asIntN(from, s.bits.value))
  const lowest = -(1n << BigInt(from - 1))
  const highest = -lowest - 1n
  if (s.smin >= lowest && s.smax <= highest) return s
  if (from === 32) return boundedSigned(s.s32min, s.s32max)
  const low = truncated(s, from)
  if (low.umax <= highest) return low
  return low.umin > highest
    ? boundedSigned(BigInt.asIntN(from, low.umin), BigInt.asIntN(from, low.umax))
    : boundedSigned(lowest, highest)
}

/** Bounds of a sum or difference, unknown where it can overflow. */
function plus(a: Scalar, b: Scalar, bits: Tnum, sign: 1n | -1n): Scalar {
  if (a === ANY || b === ANY) return ANY
  const [bumin, bumax] = sign === 1n ? [b.umin, b.umax] : [-b.umax, -b.umin]
  const [bsmin, bsmax] = sign === 1n ? [b.smin, b.smax] : [-b.smax, -b.smin]
  const [bu32min, bu32max] = sign === 1n ? [b.u32min, b.u32max] : [-b.u32max, -b.u32min]
  const [bs32min, bs32max] = sign === 1n ? [b.s32min, b.s32max] : [-b.s32max, -b.s32min]
  const u = wrap(a.umin + bumin, a.umax + bumax, 64n)
  const s = withinOrAny(a.smin + bsmin, a.smax + bsmax, S64_MIN, S64_MAX)
  const v = wrap(a.u32min + bu32min, a.u32max + bu32max, 32n)
  const t = withinOrAny(a.s32min + bs32min, a.s32max + bs32max, S32_MIN, S32_MAX)
  const draft = {
    bits,
    umin: u[0],
    umax: u[1],
    smin: s[0],
    smax: s[1],
    u32min: v[0],
    u32max: v[1],
    s32min: t[0],
    s32max: t[1],
  }
  return settle(draft) ?? onlyBits(bits)
}

/** Unsigned bounds stay bounds if both ends wrap equally often. */
function wrap(low: bigint, high: bigint, width: bigint): readonly [bigint, bigint] {
  if (low >> width === high >> width) return [BigInt.asUintN(Number(width), low), BigInt.asUintN(Number(width), high)]
  return [0n, (1n << width) - 1n]
}

const withinOrAny = (low: bigint, high: bigint, least: bigint, most: bigint): readonly [bigint, bigint] =>
  low < least || high > most ? [least, most] : [low, high]

const add = (a: Scalar, b: Scalar): Scalar => plus(a, b, addTnum(a.bits, b.bits), 1n)
const sub = (a: Scalar, b: Scalar): Scalar => plus(a, b, subTnum(a.bits, b.bits), -1n)

function mul(a: Scalar, b: Scalar): Scalar {
  const bits = mulTnum(a.bits, b.bits)
  const draft: Draft = { bits, ...FULL }
  if (a.umax * b.umax <= U64_MAX) {
    draft.umin = a.umin * b.umin
    draft.umax = a.umax * b.umax
  }
  if (a.u32max * b.u32max <= U32_MASK) {
    draft.u32min = a.u32min * b.u32min
    draft.u32max = a.u32max * b.u32max
  }
  const corners = [a.smin * b.smin, a.smin * b.smax, a.smax * b.smin, a.smax * b.smax]
  const low = corners.reduce(min)
  const high = corners.reduce(max)
  if (low >= S64_MIN && high <= S64_MAX) {
    draft.smin = low
    draft.smax = high
  }
  return settle(draft) ?? onlyBits(bits)
}

function and(a: Scalar, b: Scalar): Scalar {
  const bits = andTnum(a.bits, b.bits)
  return settle({ bits, ...FULL, umax: min(a.umax, b.umax), u32max: min(a.u32max, b.u32max) }) ?? onlyBits(bits)
}

function or(a: Scalar, b: Scalar): Scalar {
  const bits = orTnum(a.bits, b.bits)
  return settle({ bits, ...FULL, umin: max(a.umin, b.umin), u32min: max(a.u32min, b.u32min) }) ?? onlyBits(bits)
}

const xor = (a: Scalar, b: Scalar): Scalar => onlyBits(xorTnum(a.bits, b.bits))

/** Division: by what is not zero the result is no larger than the dividend; by zero it is 0. */
function div(a: Scalar, b: Scalar): Scalar {
  if (isKnown(b) && b.umin !== 0n) return bounded(a.umin / b.umin, a.umax / b.umin)
  return bounded(0n, a.umax)
}

function mod(a: Scalar, b: Scalar): Scalar {
  if (isKnown(b) && b.umin !== 0n) return a.umax < b.umin ? a : bounded(0n, min(a.umax, b.umin - 1n))
  return bounded(0n, a.umax)
}

function lsh(a: Scalar, count: bigint): Scalar {
  const bits = lshTnum(a.bits, count)
  const draft: Draft = { bits, ...FULL }
  if (a.umax << count <= U64_MAX) {
    draft.umin = a.umin << count
    draft.umax = a.umax << count
  }
  if (a.smin << count >= S64_MIN && a.smax << count <= S64_MAX) {
    draft.smin = a.smin << count
    draft.smax = a.smax << count
  }
  return settle(draft) ?? onlyBits(bits)
}

function rsh(a: Scalar, count: bigint): Scalar {
  const bits = rshTnum(a.bits, count)
  return settle({ bits, ...FULL, umin: a.umin >> count, umax: a.umax >> count }) ?? onlyBits(bits)
}

function arsh(a: Scalar, count: bigint): Scalar {
  const bits = arshTnum(a.bits, count, 64)
  return settle({ bits, ...FULL, smin: a.smin >> count, smax: a.smax >> count }) ?? onlyBits(bits)
}

/** Shifts by what is not known: only what holds for each count. */
function shift(
  a: Scalar,
  b: Scalar,
  width: 32 | 64,
  by: (a: Scalar, count: bigint) => Scalar,
  unknown: Scalar,
): Scalar {
  const counts = BigInt(width) - 1n
  return isKnown(b) && b.umin <= counts ? by(a, b.umin) : unknown
}

type Arithmetic = (a: Scalar, b: Scalar, width: 32 | 64) => Scalar

const SIGNED_DIVISION: Arithmetic = (a, b, width) =>
  isKnown(a) && isKnown(b) ? known(signedDivision(a.smin, b.smin, width)) : ANY
const SIGNED_MODULO: Arithmetic = (a, b, width) =>
  isKnown(a) && isKnown(b)
    ? known(b.smin === 0n ? a.smin : a.smin - signedDivision(a.smin, b.smin, width) * b.smin)
    : ANY

const signedDivision = (a: bigint, b: bigint, width: 32 | 64): bigint => (b === 0n ? 0n : BigInt.asIntN(width, a / b))

const OPERATORS: Readonly<Record<string, Arithmetic>> = {
  add,
  sub,
  mul,
  and,
  or,
  xor,
  div,
  mod,
  sdiv: SIGNED_DIVISION,
  smod: SIGNED_MODULO,
  lsh: (a, b, width) => shift(a, b, width, lsh, ANY),
  rsh: (a, b, width) => shift(a, b, width, rsh, bounded(0n, a.umax)),
  arsh: (a, b, width) => shift(a, b, width, arsh, ANY),
}

const computed = new Memo<Scalar>()
const OPERATOR_NUMBERS = Object.fromEntries(Object.keys(OPERATORS).map((name, n) => [name, n]))

/** What an ALU instruction makes of two numbers; 32-bit forms zero-extend. */
export function compute(operator: AluOperator, width: 32 | 64, a: Scalar, b: Scalar): Scalar {
  const isSmaller = a instanceof Small && b instanceof Small
  if (isSmaller && a.mask === 0 && b.mask === 0) {
    const exact = calculateSmall(operator, a.min, b.min)
    if (exact >= 0) return knownSmall(exact)
  }
  const what = OPERATOR_NUMBERS[operator] * 64 + width
  const place = computed.place(what, a, b)
  if (computed.holds(place, what, a, b)) return computed.get(place)
  const result = (isSmaller && computeSmall(operator, a, b)) || computeLarge(operator, width, a, b)
  return computed.set(place, what, a, b, result)
}

/** The same for numbers of any size. */
export function computeLarge(operator: AluOperator, width: 32 | 64, a: Scalar, b: Scalar): Scalar {
  const exact = isKnown(a) && isKnown(b)
  if (exact && width === 64) return known(alu64(operator, a.umin, b.umin))
  if (exact) return known(BigInt.asUintN(32, BigInt(alu32(operator, Number(a.s32min), Number(b.s32min)))))
  const act = OPERATORS[operator]
  if (width === 64) return act(a, b, 64)
  if (operator === 'add' || operator === 'sub' || operator === 'mul' || operator === 'and' || operator === 'or') {
    return zeroExtended(act(a, b, 32))
  }
  const signed = operator === 'arsh' || operator === 'sdiv' || operator === 'smod'
  const halve = signed ? (s: Scalar) => signExtended(s, 32) : zeroExtended
  return zeroExtended(act(halve(a), halve(b), 32))
}
