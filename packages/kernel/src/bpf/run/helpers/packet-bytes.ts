import { errno } from '@netkit/netlink'
import { joinSum, leaveSum } from '../../../packet/complete-sum.ts'
import {
  FLAG_HASH_L4,
  FLAG_HASH_SW,
  MAC_UNSET,
  PKT_DATA,
  PKT_HASH,
  PKT_LINEAR,
  PKT_MAC,
  PKT_NETWORK,
  PKT_SHIFT,
  PKT_STATE,
} from '../../../packet/fields.ts'
import type { Packets } from '../../../packet/packets.ts'
import { copyInside, readInside } from '../../../packet/read-inside.ts'
import { makeStart } from '../../../packet/writable.ts'
import type { HelperRow } from './helper.ts'

const RECOMPUTE_CSUM = 1
const INVALIDATE_HASH = 2
const FROM_MAC = 0
const FROM_NETWORK = 1
const MOST_OFFSET = 0xffff

/** Nobody has hashed the packet. */
export function clearHash({ fields }: Packets, handle: number): void {
  const i = handle << PKT_SHIFT
  fields[i + PKT_HASH] = 0
  fields[i + PKT_STATE] &= ~(FLAG_HASH_L4 | FLAG_HASH_SW)
}

/** Where an offset counts from, in packet memory; -1 if that is nowhere. */
function startOf({ fields }: Packets, handle: number, start: number): number {
  const i = handle << PKT_SHIFT
  if (start === FROM_MAC) return fields[i + PKT_MAC] === MAC_UNSET ? -1 : fields[i + PKT_MAC]
  return start === FROM_NETWORK ? fields[i + PKT_NETWORK] : -1
}

function loadRelative(
  packets: Packets,
  handle: number,
  offset: number,
  to: number,
  length: number,
  start: number,
): boolean {
  const i = handle << PKT_SHIFT
  const from = startOf(packets, handle, start)
  if (from < 0 || offset >>> 0 > MOST_OFFSET) return false
  if (from + offset + length > packets.fields[i + PKT_DATA] + packets.fields[i + PKT_LINEAR]) return false
  copyInside(packets.memory, to, from + offset, length)
  return true
}

function store(packets: Packets, handle: number, offset: number, from: number, length: number, flags: number): number {
  if ((flags & ~(RECOMPUTE_CSUM | INVALIDATE_HASH)) !== 0) return -errno.EINVAL
  if (offset < 0 || !makeStart(packets, handle, offset + length)) return -errno.EFAULT
  if ((flags & RECOMPUTE_CSUM) !== 0) leaveSum(packets, handle, offset, length, offset)
  copyInside(packets.memory, packets.fields[(handle << PKT_SHIFT) + PKT_DATA] + offset, from, length)
  if ((flags & RECOMPUTE_CSUM) !== 0) joinSum(packets, handle, offset, length, offset)
  if ((flags & INVALIDATE_HASH) !== 0) clearHash(packets, handle)
  return 0
}

/** Bytes of packets. Source: spec 02 §3.6. */
export const PACKET_BYTES: readonly HelperRow[] = [
  {
    name: 'skb_load_bytes',
    args: ['u32', 'u32', 'u32', 'u32'],
    returns: 's32',
    body({ contexts }, ctx, offset, to, length) {
      const { packets } = contexts
      const size = length >>> 0
      if (readInside(packets, contexts.at(ctx).handle, offset, size, to >>> 0)) return 0
      packets.memory.fill(to >>> 0, 0, size)
      return -errno.EFAULT
    },
  },
  {
    name: 'skb_load_bytes_relative',
    args: ['u32', 'u32', 'u32', 'u32', 'u32'],
    returns: 's32',
    body({ contexts }, ctx, offset, to, length, start) {
      const { packets } = contexts
      const size = length >>> 0
      if (loadRelative(packets, contexts.at(ctx).handle, offset, to >>> 0, size, start)) return 0
      packets.memory.fill(to >>> 0, 0, size)
      return -errno.EFAULT
    },
  },
  {
    name: 'skb_store_bytes',
    args: ['u32', 'u32', 'u32', 'u32', 'u64'],
    returns: 's32',
    body({ contexts }, ctx, offset, from, length, flags, high) {
      const context = contexts.at(ctx)
      contexts.settle(context)
      const result = store(contexts.packets, context.handle, offset, from >>> 0, length >>> 0, high === 0 ? flags : -1)
      contexts.refresh(context)
      return result
    },
  },
  {
    name: 'skb_pull_data',
    args: ['u32', 'u32'],
    returns: 's32',
    body({ contexts }, ctx, length) {
      const context = contexts.at(ctx)
      const { packets } = contexts
      const { handle } = context
      contexts.settle(context)
      const wanted = length === 0 ? packets.fields[(handle << PKT_SHIFT) + PKT_LINEAR] : length >>> 0
      const isDone = makeStart(packets, handle, wanted)
      contexts.refresh(context)
      return isDone ? 0 : -errno.ENOMEM
    },
  },
]
