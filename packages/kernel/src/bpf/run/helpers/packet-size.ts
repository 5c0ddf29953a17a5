import { errno } from '@netkit/netlink'
import { checksumOf, setChecksum } from '../../../packet/complete-sum.ts'
import { makeWritable, put, trim } from '../../../packet/edit.ts'
import {
  CSUM_COMPLETE,
  CSUM_NONE,
  CSUM_PARTIAL,
  FLAG_ENCAPSULATED,
  PKT_CSUM,
  PKT_CSUM_FIELD,
  PKT_DATA,
  PKT_LENGTH,
  PKT_NETWORK,
  PKT_SHIFT,
  PKT_STATE,
  PKT_TRANSPORT,
} from '../../../packet/fields.ts'
import { prependZeros } from '../../../packet/header.ts'
import { forgetGso, isGso } from '../../../packet/offload.ts'
import type { Packets } from '../../../packet/packets.ts'
import { makeStart } from '../../../packet/writable.ts'
import type { HelperRow } from './helper.ts'

/** Most bytes that programs may make a packet that is not to be segmented: 16 KiB without what Linux keeps behind them. */
export const MOST_BYTES = 16384 - 320

/** Bytes up to the innermost header that is known, or behind the checksum that is still to be completed. */
function leastLength(packets: Packets, handle: number): number {
  const { fields } = packets
  const i = handle << PKT_SHIFT
  const data = fields[i + PKT_DATA]
  let least = Math.max(0, fields[i + PKT_NETWORK] - data)
  if (fields[i + PKT_TRANSPORT] > data) least = fields[i + PKT_TRANSPORT] - data
  if (checksumOf(packets, handle) === CSUM_PARTIAL) {
    const end = fields[i + PKT_CSUM] + fields[i + PKT_CSUM_FIELD] + 2 - data
    if (end > 0) least = end
  }
  return least
}

function changeTail(packets: Packets, handle: number, length: number, flags: number): number {
  const i = handle << PKT_SHIFT
  const least = leastLength(packets, handle)
  if (flags !== 0 || length > MOST_BYTES || length < least) return -errno.EINVAL
  if ((packets.fields[i + PKT_STATE] & FLAG_ENCAPSULATED) !== 0) return -errno.ENOTSUPP
  const old = packets.fields[i + PKT_LENGTH]
  if (!makeStart(packets, handle, old)) return -errno.ENOMEM
  if (length !== old && checksumOf(packets, handle) === CSUM_COMPLETE) setChecksum(packets, handle, CSUM_NONE)
  if (length > old && !grow(packets, handle, length - old)) return -errno.ENOMEM
  if (length < old) trim(packets, handle, length)
  if (isGso(packets, handle)) forgetGso(packets, handle)
  return 0
}

function grow(packets: Packets, handle: number, bytes: number): boolean {
  if (!makeWritable(packets, handle, 0, bytes)) return false
  const i = handle << PKT_SHIFT
  const end = packets.fields[i + PKT_DATA] + packets.fields[i + PKT_LENGTH]
  put(packets, handle, bytes)
  packets.memory.fill(end, 0, bytes)
  return true
}

function changeHead(packets: Packets, handle: number, bytes: number, flags: number): number {
  const length = packets.fields[(handle << PKT_SHIFT) + PKT_LENGTH] + bytes
  if (flags !== 0 || bytes < 0 || (!isGso(packets, handle) && length > MOST_BYTES)) return -errno.EINVAL
  return prependZeros(packets, handle, bytes) ? 0 : -errno.ENOMEM
}

/** Packets that grow and shrink at either end. Source: spec 02 §3.6. */
export const PACKET_SIZE: readonly HelperRow[] = [
  {
    name: 'skb_change_tail',
    args: ['u32', 'u32', 'u64'],
    returns: 's32',
    body({ contexts }, ctx, length, flags, high) {
      const context = contexts.at(ctx)
      contexts.settle(context)
      const result = changeTail(contexts.packets, context.handle, length >>> 0, flags | high)
      contexts.refresh(context)
      return result
    },
  },
  {
    name: 'skb_change_head',
    args: ['u32', 'u32', 'u64'],
    returns: 's32',
    body({ contexts }, ctx, bytes, flags, high) {
      const context = contexts.at(ctx)
      contexts.settle(context)
      const result = changeHead(contexts.packets, context.handle, bytes, flags | high)
      contexts.refresh(context)
      return result
    },
  },
]
