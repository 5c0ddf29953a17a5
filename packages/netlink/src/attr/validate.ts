import { align4 } from '../bytes/align.ts'
import { errno } from '../errno.ts'
import type { Extack } from './extack.ts'
import { FIXED_SIZE, type Policy, type PolicyTable, rangeOf } from './policy.ts'
import { ID_MASK, NLA_F_NESTED } from './walk.ts'

/** How strictly a request is checked. Source: spec 01 §1.8. */
export const LIBERAL = 0
export const OLD_STRICT = 1
export const STRICT = 2
export type Strictness = typeof LIBERAL | typeof OLD_STRICT | typeof STRICT

const MAX_DEPTH = 10
const FAILED = 'Attribute failed policy validation'

/** A request's bytes, with what is wrong about them so far. */
export interface Checked {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly extack: Extack
}

function refuse(c: Checked, at: number, code: number, msg: string, policy?: Policy): number {
  c.extack.msg = msg
  c.extack.offset = at
  c.extack.policy = policy
  return -code
}

/** Reads an integer payload of 1, 2, 4 or 8 bytes. Longer payloads count with their leading bytes. */
function integer(c: Checked, at: number, size: number, signed: boolean): bigint {
  if (size === 8) return signed ? c.view.getBigInt64(at, true) : c.view.getBigUint64(at, true)
  if (size === 4) return BigInt(signed ? c.view.getInt32(at, true) : c.view.getUint32(at, true))
  if (size === 2) return BigInt(signed ? c.view.getInt16(at, true) : c.view.getUint16(at, true))
  return BigInt(signed ? c.view.getInt8(at) : c.view.getUint8(at))
}

function checkString(c: Checked, at: number, length: number, p: Policy & { type: 'string' | 'nul-string' }): number {
  const start = at + 4
  if (p.type === 'nul-string') {
    const within = p.max === undefined ? length : Math.min(length, p.max + 1)
    const nul = c.bytes.indexOf(0, start)
    if (within === 0 || nul < 0 || nul >= start + within) return refuse(c, at, errno.EINVAL, FAILED, p)
  }
  if (length < 1) return refuse(c, at, errno.ERANGE, FAILED, p)
  const used = p.max !== undefined && c.bytes[start + length - 1] === 0 ? length - 1 : length
  if (p.max !== undefined && used > p.max) return refuse(c, at, errno.ERANGE, FAILED, p)
  return 0
}

function checkInteger(c: Checked, at: number, length: number, p: Policy): number {
  const type = p.type as 'u32'
  const signed = type.startsWith('s')
  let size = FIXED_SIZE[p.type]
  if (size === undefined) {
    if (length !== 4 && length !== 8) return refuse(c, at, errno.EINVAL, 'invalid attribute length', p)
    size = length
  } else if (length < size) return refuse(c, at, errno.ERANGE, FAILED, p)
  const { min, max, mask } = p as { min?: bigint; max?: bigint; mask?: bigint }
  if (min === undefined && max === undefined && mask === undefined) return 0
  const value = integer(c, at + 4, size, signed)
  if (mask !== undefined) return (value & ~mask) === 0n ? 0 : refuse(c, at, errno.EINVAL, 'reserved bit set')
  const range = rangeOf({ type, min, max })
  return value < range.min || value > range.max ? refuse(c, at, errno.ERANGE, 'integer out of range', p) : 0
}

/** Bits and, beside them, which of them are meant: only those that exist may be selected, only selected ones may be set. */
function checkBits(c: Checked, at: number, length: number, p: Policy & { type: 'bitfield32' }): number {
  if (length !== 8) return refuse(c, at, errno.ERANGE, FAILED, p)
  const bits = c.view.getUint32(at + 4, true)
  const selected = c.view.getUint32(at + 8, true)
  const stray = (selected & ~p.mask) | (bits & ~p.mask) | (bits & ~selected)
  return stray === 0 ? 0 : refuse(c, at, errno.EINVAL, FAILED, p)
}

function checkOne(c: Checked, at: number, p: Policy, level: Strictness, depth: number): number {
  const length = c.view.getUint16(at, true) - 4
  const nested = (c.view.getUint16(at + 2, true) & NLA_F_NESTED) !== 0
  if (level === STRICT) {
    const fixed = FIXED_SIZE[p.type]
    if (fixed !== undefined && length !== fixed) return refuse(c, at, errno.EINVAL, 'invalid attribute length', p)
    const isNest = p.type === 'nest' || p.type === 'nest-array'
    if (isNest && !nested) return refuse(c, at, errno.EINVAL, 'NLA_F_NESTED is missing', p)
    if (!isNest && nested && p.type !== 'unspec') return refuse(c, at, errno.EINVAL, 'NLA_F_NESTED not expected', p)
  }
  switch (p.type) {
    case 'reject':
      return refuse(c, at, errno.EINVAL, p.text ?? FAILED)
    case 'flag':
      return length > 0 ? refuse(c, at, errno.ERANGE, FAILED, p) : 0
    case 'string':
    case 'nul-string':
      return checkString(c, at, length, p)
    case 'binary':
      if (p.min !== undefined) {
        const bad = length < p.min || (p.max !== undefined && length > p.max)
        return bad ? refuse(c, at, errno.ERANGE, 'binary attribute size out of range', p) : 0
      }
      return p.max !== undefined && length > p.max ? refuse(c, at, errno.ERANGE, FAILED, p) : 0
    case 'nest':
      if (length === 0) return 0
      if (length < 4) return refuse(c, at, errno.ERANGE, FAILED, p)
      return p.inner ? checkAttrs(c, at + 4, at + 4 + length, p.inner(), level, undefined, depth + 1) : 0
    case 'nest-array':
      return length > 0 && length < 4
        ? refuse(c, at, errno.ERANGE, FAILED, p)
        : checkArray(c, at, length, p, level, depth)
    case 'bitfield32':
      return checkBits(c, at, length, p)
    case 'unspec':
      if (level === STRICT) return refuse(c, at, errno.EINVAL, 'Unsupported attribute')
      return length < (p.min ?? 0) ? refuse(c, at, errno.ERANGE, FAILED) : 0
    case 'be16':
    case 'be32':
      return length < FIXED_SIZE[p.type]! ? refuse(c, at, errno.ERANGE, FAILED) : 0
    default:
      return checkInteger(c, at, length, p)
  }
}

function checkArray(
  c: Checked,
  at: number,
  length: number,
  p: Policy & { type: 'nest' | 'nest-array' },
  level: Strictness,
  depth: number,
): number {
  if (!p.inner) return 0
  const end = at + 4 + length
  for (let item = at + 4; end - item >= 4; ) {
    const itemLength = c.view.getUint16(item, true)
    if (itemLength < 4 || item + itemLength > end) break
    if (itemLength > 4) {
      if (itemLength < 8) return refuse(c, item, errno.ERANGE, 'Array element too short', p)
      const err = checkAttrs(c, item + 4, item + itemLength, p.inner(), level, undefined, depth + 1)
      if (err !== 0) return err
    }
    item += align4(itemLength)
  }
  return 0
}

const UNSPEC: Policy = { type: 'unspec' }

/**
 * Checks the attributes in `bytes[start, end)` in wire order, nests depth first, and notes in `found` where each id stands
 * (offset of its header, the last one wins; 0 is absent). Returns 0 or a negative errno with the extended ack filled in.
 * Bytes that are left over set the extended ack's text even where the level lets them pass.
 */
export function checkAttrs(
  c: Checked,
  start: number,
  end: number,
  table: PolicyTable,
  level: Strictness,
  found?: Int32Array,
  depth = 0,
): number {
  if (depth >= MAX_DEPTH) {
    c.extack.msg = 'allowed policy recursion depth exceeded'
    return -errno.EINVAL
  }
  if (found) found.fill(0, 0, table.maxId + 1)
  let at = start
  while (end - at >= 4) {
    const length = c.view.getUint16(at, true)
    if (length < 4 || at + length > end) break
    const id = c.view.getUint16(at + 2, true) & ID_MASK
    if (id === 0 || id > table.maxId) {
      if (level !== LIBERAL) return refuse(c, at, errno.EINVAL, 'Unknown attribute type')
    } else {
      const err = checkOne(c, at, table.policies[id] ?? UNSPEC, id >= table.strictFrom ? STRICT : level, depth)
      if (err !== 0) return err
      if (found) found[id] = at
    }
    at += align4(length)
  }
  if (at < end) {
    c.extack.msg = 'bytes leftover after parsing attributes'
    if (level !== LIBERAL) return -errno.EINVAL
  }
  return 0
}
