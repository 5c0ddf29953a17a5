import { errno } from '@netkit/netlink'
import { checksumOf, forgetVerified, setChecksum } from '../../../packet/complete-sum.ts'
import {
  CSUM_COMPLETE,
  CSUM_LEVEL_MASK,
  CSUM_LEVEL_SHIFT,
  CSUM_NONE,
  CSUM_PARTIAL,
  CSUM_UNNECESSARY,
  PKT_CSUM,
  PKT_DATA,
  PKT_SHIFT,
  PKT_STATE,
} from '../../../packet/fields.ts'
import type { Packets } from '../../../packet/packets.ts'
import { addSums, fold, subtractSums, sumBytes } from '../../../packet/sum.ts'
import { makeStart } from '../../../packet/writable.ts'
import type { HelperRow, HelperWorld } from './helper.ts'

const SIZE = 0xf
const PSEUDO_HEADER = 0x10
const MARK_MANGLED_0 = 0x20
const MARK_ENFORCE = 0x40
const IPV6 = 0x80
const L4_FLAGS = SIZE | PSEUDO_HEADER | MARK_MANGLED_0 | MARK_ENFORCE | IPV6
const MANGLED_0 = 0xffff
const MOST_OFFSET = 0xffff
const MOST_LEVEL = 3

/** A sum as headers have it: 16 bits, inverted. */
const inverted = (sum: number): number => ~fold(sum) & 0xffff

/** What a change of a checksum is about: the difference, or the old and the new value. Undefined if that is not allowed. */
interface Change {
  readonly from: number
  readonly to: number
  /** `to` is the difference. */
  readonly isDifference: boolean
}

const change: { from: number; to: number; isDifference: boolean } = { from: 0, to: 0, isDifference: false }

/** Reads the arguments that both helpers share; whether they are allowed. */
function readChange(size: number, from: number, fromHigh: number, to: number): boolean {
  change.isDifference = size === 0
  change.from = size === 2 ? from & 0xffff : from
  change.to = size === 2 ? to & 0xffff : to
  return size === 0 ? (from | fromHigh) === 0 : size === 2 || size === 4
}

/** A header's checksum after a change. */
function replaced(sum: number, { from, to, isDifference }: Change): number {
  if (isDifference) return inverted(addSums(to, ~sum & 0xffff))
  return inverted(addSums(subtractSums(~sum & 0xffff, from), to))
}

/** As {@link replaced} in sums of 16 bits, which have another zero: how Linux does it for 16-bit values of network headers. */
function replaced16(sum: number, { from, to }: Change): number {
  const add = (a: number, b: number): number => (a + b > 0xffff ? a + b + 1 : a + b) & 0xffff
  return ~add(add(~sum & 0xffff, ~from & 0xffff), to) & 0xffff
}

/** Address of a checksum that may be written; 0 if it may not. */
function fieldAt(packets: Packets, handle: number, offset: number): number {
  if (offset >>> 0 > MOST_OFFSET || (offset & 1) !== 0 || !makeStart(packets, handle, offset + 2)) return 0
  return packets.fields[(handle << PKT_SHIFT) + PKT_DATA] + offset
}

const read16 = (u8: Uint8Array, at: number): number => u8[at] | (u8[at + 1] << 8)

function write16(u8: Uint8Array, at: number, value: number): void {
  u8[at] = value
  u8[at + 1] = value >>> 8
}

/** The transport checksum, as it is changed by a packet's checksum state. */
function replaceL4(packets: Packets, handle: number, sum: number, flags: number): number {
  const { fields } = packets
  const i = handle << PKT_SHIFT
  const state = checksumOf(packets, handle)
  const isPseudo = (flags & PSEUDO_HEADER) !== 0
  const { from, to, isDifference } = change
  if (state === CSUM_PARTIAL) {
    if (!isPseudo) return sum
    // The field holds the sum of the pseudo-header, not inverted.
    return fold(isDifference ? addSums(to, sum) : addSums(subtractSums(sum, from), to))
  }
  if (state === CSUM_COMPLETE && isPseudo) {
    const whole = fields[i + PKT_CSUM]
    if (!isDifference) fields[i + PKT_CSUM] = ~addSums(subtractSums(~whole, from), to)
    else if ((flags & IPV6) === 0) fields[i + PKT_CSUM] = ~subtractSums(to, whole)
  }
  return replaced(sum, change)
}

function l4(of: HelperWorld, ctx: number, offset: number, flags: number, isAllowed: boolean): number {
  const { contexts } = of
  const { packets } = contexts
  const { handle } = contexts.at(ctx)
  if ((flags & ~L4_FLAGS) !== 0) return -errno.EINVAL
  const at = fieldAt(packets, handle, offset)
  if (at === 0) return -errno.EFAULT
  const { u8 } = packets.memory
  const sum = read16(u8, at)
  const marksZero = (flags & MARK_MANGLED_0) !== 0
  if (marksZero && (flags & MARK_ENFORCE) === 0 && sum === 0) return 0
  if (!isAllowed) return -errno.EINVAL
  const result = replaceL4(packets, handle, sum, flags)
  write16(u8, at, marksZero && result === 0 ? MANGLED_0 : result)
  return 0
}

function difference(
  { memory: { u8 } }: Packets,
  from: number,
  fromSize: number,
  to: number,
  toSize: number,
  seed: number,
) {
  if (fromSize !== 0 && toSize !== 0) {
    return subtractSums(sumBytes(u8, to >>> 0, toSize, seed), sumBytes(u8, from >>> 0, fromSize))
  }
  if (toSize !== 0) return sumBytes(u8, to >>> 0, toSize, seed)
  return fromSize !== 0 ? ~sumBytes(u8, from >>> 0, fromSize, ~seed) : seed
}

/** Changes how many checksums count as verified; one of QUERY, INC, DEC, RESET. */
function changeLevel(packets: Packets, handle: number, operation: number): number {
  const { fields } = packets
  const i = (handle << PKT_SHIFT) + PKT_STATE
  const isVerified = checksumOf(packets, handle) === CSUM_UNNECESSARY
  const level = (fields[i] & CSUM_LEVEL_MASK) >>> CSUM_LEVEL_SHIFT
  switch (operation) {
    case 0:
      return isVerified ? level : -errno.EACCES
    case 1:
      if (isVerified && level < MOST_LEVEL) fields[i] += 1 << CSUM_LEVEL_SHIFT
      else if (checksumOf(packets, handle) === CSUM_NONE) {
        setChecksum(packets, handle, CSUM_UNNECESSARY)
        fields[i] &= ~CSUM_LEVEL_MASK
      }
      return 0
    case 2:
      if (isVerified && level > 0) fields[i] -= 1 << CSUM_LEVEL_SHIFT
      else if (isVerified) setChecksum(packets, handle, CSUM_NONE)
      return 0
    case 3:
      forgetVerified(packets, handle)
      return 0
    default:
      return -errno.EINVAL
  }
}

/** Checksums. Source: spec 02 §3.6. */
export const PACKET_CHECKSUMS: readonly HelperRow[] = [
  {
    name: 'l3_csum_replace',
    args: ['u32', 'u32', 'u64', 'u32', 'u64'],
    returns: 's32',
    body({ contexts }, ctx, offset, from, fromHigh, to, flags, high) {
      const { packets } = contexts
      const context = contexts.at(ctx)
      if ((flags & ~SIZE) !== 0 || high !== 0) return -errno.EINVAL
      contexts.settle(context)
      const at = fieldAt(packets, context.handle, offset)
      contexts.refresh(context)
      if (at === 0) return -errno.EFAULT
      if (!readChange(flags, from, fromHigh, to)) return -errno.EINVAL
      const sum = read16(packets.memory.u8, at)
      write16(packets.memory.u8, at, flags === 2 ? replaced16(sum, change) : replaced(sum, change))
      return 0
    },
  },
  {
    name: 'l4_csum_replace',
    args: ['u32', 'u32', 'u64', 'u32', 'u64'],
    returns: 's32',
    body(of, ctx, offset, from, fromHigh, to, flags, high) {
      const context = of.contexts.at(ctx)
      const isAllowed = readChange(flags & SIZE, from, fromHigh, to)
      of.contexts.settle(context)
      const result = l4(of, ctx, offset, high === 0 ? flags : -1, isAllowed)
      of.contexts.refresh(context)
      return result
    },
  },
  {
    name: 'csum_diff',
    args: ['u32', 'u32', 'u32', 'u32', 'u32'],
    returns: 's32',
    body: ({ contexts }, from, fromSize, to, toSize, seed) =>
      fold(difference(contexts.packets, from, fromSize >>> 0, to, toSize >>> 0, seed)),
  },
  {
    name: 'csum_update',
    args: ['u32', 'u32'],
    returns: 'u64',
    body({ contexts, memory, resultCell }, ctx, sum) {
      const { packets } = contexts
      const { handle } = contexts.at(ctx)
      const isComplete = checksumOf(packets, handle) === CSUM_COMPLETE
      const i = (handle << PKT_SHIFT) + PKT_CSUM
      if (isComplete) packets.fields[i] = addSums(packets.fields[i], sum)
      memory.view.setInt32(resultCell, isComplete ? packets.fields[i] : -errno.ENOTSUPP, true)
      memory.view.setInt32(resultCell + 4, isComplete ? 0 : -1, true)
      return 0
    },
  },
  {
    name: 'csum_level',
    args: ['u32', 'u64'],
    returns: 's32',
    body: ({ contexts }, ctx, operation, high) =>
      changeLevel(contexts.packets, contexts.at(ctx).handle, high === 0 ? operation : -1),
  },
]
