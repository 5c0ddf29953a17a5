import type { AluOperator, Condition } from '../isa/op.ts'
import { newSerial } from './memo.ts'
import type { Scalar } from './scalar.ts'
import type { Tnum } from './tnum.ts'

/** The largest number that is the same with and without sign, in 32 bits and in 64. */
export const MOST = 0x7fff_ffff

/**
 * What is known of a number from 0 to {@link MOST}, as most are. All its bounds are the same four times over, and everything is done
 * in 31 bits: exactly what the long way finds out, without a BigInt.
 */
export class Small implements Scalar {
  readonly serial = newSerial()
  readonly min: number
  readonly max: number
  /** As in {@link Tnum}. */
  readonly value: number
  readonly mask: number

  constructor(min: number, max: number, value: number, mask: number) {
    this.min = min
    this.max = max
    this.value = value
    this.mask = mask
  }

  get bits(): Tnum {
    return { value: BigInt(this.value), mask: BigInt(this.mask) }
  }
  get umin(): bigint {
    return BigInt(this.min)
  }
  get umax(): bigint {
    return BigInt(this.max)
  }
  get smin(): bigint {
    return BigInt(this.min)
  }
  get smax(): bigint {
    return BigInt(this.max)
  }
  get u32min(): bigint {
    return BigInt(this.min)
  }
  get u32max(): bigint {
    return BigInt(this.max)
  }
  get s32min(): bigint {
    return BigInt(this.min)
  }
  get s32max(): bigint {
    return BigInt(this.max)
  }
}

/** Numbers that were last used, by their lowest bits. */
const RECENT = 1024
const recent: Small[] = []

/** A number from 0 to {@link MOST} that is known. */
export function knownSmall(n: number): Small {
  const place = n % RECENT
  const last = recent[place]
  if (last?.min === n) return last
  recent[place] = new Small(n, n, n, 0)
  return recent[place]
}

const isExact = (s: Small): boolean => s.mask === 0

/** Ones wherever numbers between two may differ. */
const unknownBits = (min: number, max: number): number => (min === max ? 0 : -1 >>> Math.clz32(min ^ max))

/** Bounds and bits narrow each other, in as many rounds as the long way takes. Undefined: no number fits. */
function settleSmall(min: number, max: number, value: number, mask: number): Small | undefined {
  for (let round = 0; round < 3; round++) {
    if (value > min) min = value
    if ((value | mask) < max) max = value | mask
    if (min > max) return undefined
    const free = unknownBits(min, max)
    const fixed = min & ~free
    if (((value ^ fixed) & ~mask & ~free) !== 0) return undefined
    const left = mask & free
    const ones = (value | fixed) & ~left
    const settled = ones === value && left === mask
    value = ones
    mask = left
    if (settled && round > 0) break
    if (left === 0) return ones >= min && ones <= max ? knownSmall(ones) : undefined
  }
  if (value > min) min = value
  if ((value | mask) < max) max = value | mask
  return min > max ? undefined : new Small(min, max, value, mask)
}

/** What both say. Undefined if no number fits. */
export function intersectSmall(a: Small, b: Small): Small | undefined {
  if (((a.value ^ b.value) & ~a.mask & ~b.mask) !== 0) return undefined
  const mask = a.mask & b.mask
  return settleSmall(Math.max(a.min, b.min), Math.min(a.max, b.max), (a.value | b.value) & ~mask, mask)
}

/** Whether each number that `b` can be, `a` can be. */
export const containsSmall = (a: Small, b: Small): boolean =>
  a.min <= b.min && a.max >= b.max && (b.mask & ~a.mask) === 0 && (b.value & ~a.mask) === a.value

/** Shifts by more than this leave nothing of a small number, or no small one. */
const MOST_SHIFT = 30

/** What an instruction makes of two numbers from 0 to {@link MOST}; -1 if that is larger, or has to be found out the long way. */
export function calculateSmall(operator: AluOperator, a: number, b: number): number {
  const result = exactly(operator, a, b)
  return result >= 0 && result <= MOST ? result : -1
}

function exactly(operator: AluOperator, a: number, b: number): number {
  switch (operator) {
    case 'add':
      return a + b
    case 'sub':
      return a - b
    case 'mul':
      return a * b
    case 'div':
      return b === 0 ? 0 : Math.trunc(a / b)
    case 'mod':
      return b === 0 ? a : a % b
    case 'and':
      return a & b
    case 'or':
      return a | b
    case 'xor':
      return a ^ b
    case 'lsh':
      return b > MOST_SHIFT ? -1 : a * 2 ** b
    case 'rsh':
    case 'arsh':
      return b > MOST_SHIFT ? -1 : a >> b
    default:
      return -1
  }
}

/** What is known of the result of an instruction, in 32 bits as in 64. Undefined: it has to be found out the long way. */
export function computeSmall(operator: AluOperator, a: Small, b: Small): Small | undefined {
  switch (operator) {
    case 'add':
      return add(a, b)
    case 'sub':
      return sub(a, b)
    case 'and': {
      const value = a.value & b.value
      return settleSmall(0, Math.min(a.max, b.max), value, (a.value | a.mask) & (b.value | b.mask) & ~value)
    }
    case 'or': {
      const value = a.value | b.value
      return settleSmall(Math.max(a.min, b.min), MOST, value, (a.mask | b.mask) & ~value)
    }
    case 'xor': {
      const mask = a.mask | b.mask
      return settleSmall(0, MOST, (a.value ^ b.value) & ~mask, mask)
    }
    default:
      return isExact(b) ? byKnown(operator, a, b.min) : undefined
  }
}

/** Upper bits that a carry may reach are cut off: the bounds say that they are 0. */
function add(a: Small, b: Small): Small | undefined {
  const max = a.max + b.max
  if (max > MOST) return undefined
  const value = a.value + b.value
  const mask = (((a.mask + b.mask + value) ^ value) | a.mask | b.mask) & MOST
  return settleSmall(a.min + b.min, max, value & ~mask, mask)
}

function sub(a: Small, b: Small): Small | undefined {
  const min = a.min - b.max
  if (min < 0) return undefined
  const value = a.value - b.value
  const mask = (((value + a.mask) ^ (value - b.mask)) | a.mask | b.mask) & MOST
  return settleSmall(min, a.max - b.min, value & ~mask & MOST, mask)
}

function byKnown(operator: AluOperator, a: Small, n: number): Small | undefined {
  if (operator === 'div') return n === 0 ? undefined : rangeSmall(Math.trunc(a.min / n), Math.trunc(a.max / n))
  if (operator === 'mod') return n === 0 ? undefined : a.max < n ? a : rangeSmall(0, Math.min(a.max, n - 1))
  if (n > MOST_SHIFT) return undefined
  if (operator === 'rsh' || operator === 'arsh') return settleSmall(a.min >> n, a.max >> n, a.value >> n, a.mask >> n)
  if (operator !== 'lsh' || a.max * 2 ** n > MOST) return undefined
  return settleSmall(a.min << n, a.max << n, a.value << n, (a.mask << n) & MOST)
}

function rangeSmall(min: number, max: number): Small | undefined {
  const mask = unknownBits(min, max)
  return settleSmall(min, max, min & ~mask, mask)
}

/** Whether a condition holds between two known numbers. */
export function holdsSmall(condition: Condition, a: number, b: number): boolean {
  switch (condition) {
    case 'eq':
      return a === b
    case 'ne':
      return a !== b
    case 'set':
      return (a & b) !== 0
    case 'gt':
    case 'sgt':
      return a > b
    case 'ge':
    case 'sge':
      return a >= b
    case 'lt':
    case 'slt':
      return a < b
    case 'le':
    case 'sle':
      return a <= b
  }
}

/** With other bounds, which may be beyond what a small number can have. */
export const boundedSmall = (s: Small, min: number, max: number): Small | undefined =>
  settleSmall(Math.max(s.min, min), Math.min(s.max, max), s.value, s.mask)

/** A number that is not `n`, which matters where `n` is a bound. */
export const withoutSmall = (s: Small, n: number): Small | undefined =>
  boundedSmall(s, s.min === n ? n + 1 : s.min, s.max === n ? n - 1 : s.max)
