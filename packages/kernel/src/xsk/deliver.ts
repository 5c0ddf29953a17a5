import { errno, XDP_DESC } from '@netkit/netlink'
import { COPY } from '../packet/copy-reason.ts'
import { readBytes } from '../packet/edit.ts'
import * as layout from '../packet/fields.ts'
import type { Packets } from '../packet/packets.ts'
import type { Pool } from './pool.ts'
import type { ProducedRing } from './ring.ts'

// Engines fold constants of the own module, not imported ones.
const {
  BUFFER_NONE,
  META_MASK,
  META_SHIFT,
  PKT_BUFFER,
  PKT_DATA,
  PKT_FRAGMENTS,
  PKT_LENGTH,
  PKT_LINEAR,
  PKT_SHIFT,
  PKT_STATE,
} = layout
const { continued } = XDP_DESC

/** What a socket counts of what it receives. */
interface Receiver {
  readonly multiBuffer: boolean
  droppedRx: number
  fullRx: number
}

/** Hands over a frame that lies in the UMEM already: its buffers are the application's. 0 or a negative errno. */
export function deliver(to: Receiver, pool: Pool, rx: ProducedRing, packets: Packets, handle: number): number {
  const { fields } = packets.table
  const i = handle << PKT_SHIFT
  let fragment = fields[i + PKT_FRAGMENTS]
  const parts = fragment === 0 ? 1 : countParts(packets, fragment)
  if (rx.room(parts) < parts) {
    to.fullRx++
    return -errno.ENOBUFS
  }
  const buffer = fields[i + PKT_BUFFER]
  const data = fields[i + PKT_DATA]
  const more = fragment === 0 ? 0 : continued
  rx.putDescriptor(pool.lowAddress(buffer, data), pool.highAddress(buffer, data), fields[i + PKT_LINEAR], more)
  pool.handOver(buffer)
  fields[i + PKT_BUFFER] = BUFFER_NONE
  for (; fragment !== 0; fragment = packets.fragments.next(fragment)) {
    const { fragments } = packets
    const at = fragments.offset(fragment)
    const part = fragments.cookie(fragment)
    const last = fragments.next(fragment) === 0
    rx.putDescriptor(
      pool.lowAddress(part, at),
      pool.highAddress(part, at),
      fragments.length(fragment),
      last ? 0 : continued,
    )
    pool.handOver(part)
  }
  packets.free(handle)
  return 0
}

function countParts(packets: Packets, list: number): number {
  let count = 1
  for (let fragment = list; fragment !== 0; fragment = packets.fragments.next(fragment)) count++
  return count
}

/** Copies a frame into chunks of the UMEM, all of it or nothing. 0, and it is gone, or a negative errno. Source: spec 02 §8.6. */
export function copyToUmem(to: Receiver, pool: Pool, rx: ProducedRing, packets: Packets, handle: number): number {
  const i = handle << PKT_SHIFT
  const length = packets.table.fields[i + PKT_LENGTH]
  const { frameSize } = pool
  if (length > frameSize && !to.multiBuffer) {
    to.droppedRx++
    return -errno.ENOSPC
  }
  const parts = Math.ceil(length / frameSize)
  if (!pool.canAllocate(parts)) {
    to.droppedRx++
    return -errno.ENOMEM
  }
  if (rx.room(parts) < parts) {
    to.fullRx++
    return -errno.ENOBUFS
  }
  for (let done = 0; done < length; ) {
    const buffer = pool.allocate()
    // Addresses that mean nothing were skipped: fewer than there seemed to be.
    if (buffer < 0) return -errno.ENOMEM
    const at = packets.buffers.offset(buffer) + pool.headroom
    if (done === 0) copyMetadata(packets, handle, at)
    const bytes = Math.min(frameSize, length - done)
    readBytes(packets, handle, done, bytes, packets.memory, at, COPY.umem)
    done += bytes
    rx.putDescriptor(pool.lowAddress(buffer, at), pool.highAddress(buffer, at), bytes, done < length ? continued : 0)
    pool.handOver(buffer)
  }
  packets.free(handle)
  return 0
}

/** What a program has put before the data comes along. */
function copyMetadata(packets: Packets, handle: number, at: number): void {
  const { fields } = packets.table
  const i = handle << PKT_SHIFT
  const meta = (fields[i + PKT_STATE] & META_MASK) >>> META_SHIFT
  if (meta !== 0) packets.memory.move(at - meta, fields[i + PKT_DATA] - meta, meta, COPY.headers)
}
