import { errno } from '@netkit/netlink'
import { COPY } from './copy-reason.ts'
import { trim } from './edit.ts'
import * as layout from './fields.ts'
import type { Packets } from './packets.ts'
import { growPage } from './pages.ts'

// Engines fold constants of the own module, not imported ones.
const { META_MASK, META_SHIFT, PKT_BUFFER, PKT_DATA, PKT_FRAGMENTS, PKT_LENGTH, PKT_LINEAR, PKT_SHIFT, PKT_STATE } =
  layout

/** What Linux keeps at the start of a buffer for the frame, and at its end for the list of fragments. */
const FRAME_BYTES = 40
const TAIL_BYTES = 320
const PAGE = 4096
const ETH_HLEN = 14
const MOST_META = 255

// Changes that XDP programs make of a frame: 0 or a negative errno. Source: spec 02 §7.1.

const metaOf = (fields: Int32Array, i: number): number => (fields[i + PKT_STATE] & META_MASK) >>> META_SHIFT

const startOf = (packets: Packets, i: number): number => packets.buffers.offset(packets.table.fields[i + PKT_BUFFER])

/** Moves the start of a frame by `delta` bytes; its metadata stays right before it. */
export function adjustHead(packets: Packets, handle: number, delta: number): number {
  const { fields } = packets.table
  const i = handle << PKT_SHIFT
  const data = fields[i + PKT_DATA]
  const meta = metaOf(fields, i)
  const moved = data + delta
  if (moved < startOf(packets, i) + FRAME_BYTES + meta) return -errno.EINVAL
  if (moved > data + fields[i + PKT_LINEAR] - ETH_HLEN) return -errno.EINVAL
  if (meta !== 0) packets.memory.move(moved - meta, data - meta, meta, COPY.headers)
  fields[i + PKT_DATA] = moved
  fields[i + PKT_LINEAR] -= delta
  fields[i + PKT_LENGTH] -= delta
  return 0
}

/** Moves the end of a frame by `delta` bytes; new ones are zero. Fragments are cut off from behind; the last one
 *  grows in its page, if it has one (EOPNOTSUPP). */
export function adjustTail(packets: Packets, handle: number, delta: number): number {
  const { fields } = packets.table
  const i = handle << PKT_SHIFT
  if (fields[i + PKT_FRAGMENTS] !== 0) {
    if (delta < 0) {
      const left = fields[i + PKT_LENGTH] + delta
      return left < ETH_HLEN || !trim(packets, handle, left) ? -errno.EINVAL : 0
    }
    const error = growPage(packets, packets.fragments.last(fields[i + PKT_FRAGMENTS]), delta)
    if (error === 0) fields[i + PKT_LENGTH] += delta
    return error
  }
  const linear = fields[i + PKT_LINEAR]
  const end = fields[i + PKT_DATA] + linear
  if (linear + delta < ETH_HLEN || (delta > 0 && end + delta > endOf(packets, i, end))) return -errno.EINVAL
  if (delta > 0) packets.memory.u8.fill(0, end, end + delta)
  fields[i + PKT_LINEAR] = linear + delta
  fields[i + PKT_LENGTH] = linear + delta
  return 0
}

/** Where a frame has to end: before what is kept at the end of its page, or of its buffer if it is longer than a page. */
function endOf(packets: Packets, i: number, end: number): number {
  const start = startOf(packets, i)
  const size = packets.buffers.size(packets.table.fields[i + PKT_BUFFER])
  const page = Math.min(size, PAGE) - TAIL_BYTES
  return start + (end <= start + page ? page : size - TAIL_BYTES)
}

/** Moves the start of a frame's metadata by `delta` bytes. EACCES: it would not be a multiple of 4, or longer than 255. */
export function adjustMeta(packets: Packets, handle: number, delta: number): number {
  const { fields } = packets.table
  const i = handle << PKT_SHIFT
  const meta = metaOf(fields, i) - delta
  if (meta < 0 || fields[i + PKT_DATA] - meta < startOf(packets, i) + FRAME_BYTES) return -errno.EINVAL
  if ((meta & 3) !== 0 || meta > MOST_META) return -errno.EACCES
  fields[i + PKT_STATE] = (fields[i + PKT_STATE] & ~META_MASK) | (meta << META_SHIFT)
  return 0
}

/** Copies `length` bytes from `from` in packet memory into the frame at `offset`, fragments included. The caller has checked the range. */
export function storeBytes(packets: Packets, handle: number, offset: number, length: number, from: number): void {
  const { memory, fragments, table } = packets
  const i = handle << PKT_SHIFT
  let skip = offset
  let left = length
  let at = from
  let start = table.fields[i + PKT_DATA]
  let size = table.fields[i + PKT_LINEAR]
  let fragment = table.fields[i + PKT_FRAGMENTS]
  while (left > 0) {
    const bytes = Math.min(left, size - skip)
    if (bytes > 0) {
      memory.move(start + skip, at, bytes, COPY.headers)
      at += bytes
      left -= bytes
    }
    skip = Math.max(0, skip - size)
    if (left === 0 || fragment === 0) return
    start = fragments.offset(fragment)
    size = fragments.length(fragment)
    fragment = fragments.next(fragment)
  }
}
