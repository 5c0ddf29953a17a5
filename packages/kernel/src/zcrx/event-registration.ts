import { errno, ZCRX_EVENT_COPY, ZCRX_EVENT_DESC, ZCRX_EVENT_DESC_STATS, ZCRX_STATS } from '@netkit/netlink'
import { isZero, u32, u64 } from './user-structs.ts'

const E = ZCRX_EVENT_DESC
const KNOWN_EVENTS = (1 << (ZCRX_EVENT_COPY + 1)) - 1

/** The first rule that a wish for events breaks. Source: spec 03 §3.4, 15. */
export function checkEvents(events: DataView): number {
  const flags = u32(events, E.flags)
  if ((u32(events, E.typeMask) & ~KNOWN_EVENTS) !== 0 || (flags & ~ZCRX_EVENT_DESC_STATS) !== 0) return -errno.EINVAL
  const misplaced = (flags & ZCRX_EVENT_DESC_STATS) === 0 && u64(events, E.statsOffset) !== 0n
  return misplaced || !isZero(events, E.reserved, E.size) ? -errno.EINVAL : 0
}

/** Where counters are in a region of `length` bytes, of which a ring takes the first `ring`; -1: there are none; or a negative errno. */
export function statsOffset(events: DataView | undefined, ring: number, length: number): number {
  if (!events || (u32(events, E.flags) & ZCRX_EVENT_DESC_STATS) === 0) return NO_STATS
  const offset = u64(events, E.statsOffset)
  if (offset % 8n !== 0n) return -errno.EINVAL
  const inside = offset >= BigInt(ring) && offset + BigInt(ZCRX_STATS.size) <= BigInt(length)
  return inside ? Number(offset) : -errno.ERANGE
}

export const NO_STATS = -1
