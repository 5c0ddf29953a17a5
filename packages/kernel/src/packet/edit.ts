import type { ByteViews } from './copy.ts'
import { COPY, type CopyReason } from './copy-reason.ts'
import * as layout from './fields.ts'
import type { Packets } from './packets.ts'

// Engines fold constants of the own module, not imported ones: half the time of a hop.
const {
  CSUM_MASK,
  CSUM_PARTIAL,
  FLAG_UNREADABLE,
  MAC_UNSET,
  META_MASK,
  META_SHIFT,
  PKT_BUFFER,
  PKT_CSUM,
  PKT_DATA,
  PKT_FRAGMENTS,
  PKT_INNER_NETWORK,
  PKT_LENGTH,
  PKT_LINEAR,
  PKT_MAC,
  PKT_NETWORK,
  PKT_SHIFT,
  PKT_STATE,
  PKT_TRANSPORT,
} = layout

// Changes of a packet's length and place. All give false, and change nothing, where the packet does not allow it.

/** Bytes free before the linear part. */
export const headroomOf = (packets: Packets, handle: number): number => {
  const i = handle << PKT_SHIFT
  const buffer = packets.fields[i + PKT_BUFFER]
  return buffer < 0 ? 0 : packets.fields[i + PKT_DATA] - packets.buffers.offset(buffer)
}

/** Bytes free after the linear part. */
export const tailroomOf = (packets: Packets, handle: number): number => {
  const i = handle << PKT_SHIFT
  const { fields, buffers } = packets
  const buffer = fields[i + PKT_BUFFER]
  if (buffer < 0) return 0
  return buffers.offset(buffer) + buffers.size(buffer) - fields[i + PKT_DATA] - fields[i + PKT_LINEAR]
}

/** Whether a clone uses the same linear part, so that this packet may not write to it. */
export const isShared = (packets: Packets, handle: number): boolean => {
  const buffer = packets.fields[(handle << PKT_SHIFT) + PKT_BUFFER]
  return buffer >= 0 && packets.buffers.references(buffer) > 1
}

/** Takes `bytes` off the front of the linear part. */
export const pull = (packets: Packets, handle: number, bytes: number): boolean => {
  const { fields } = packets
  const i = handle << PKT_SHIFT
  if (bytes > fields[i + PKT_LINEAR]) return false
  fields[i + PKT_DATA] += bytes
  fields[i + PKT_LINEAR] -= bytes
  fields[i + PKT_LENGTH] -= bytes
  return true
}

/** Puts `bytes` of headroom back in front: what {@link pull} took, or room for a new header. */
export const push = (packets: Packets, handle: number, bytes: number): boolean => {
  if (bytes > headroomOf(packets, handle)) return false
  const { fields } = packets
  const i = handle << PKT_SHIFT
  fields[i + PKT_DATA] -= bytes
  fields[i + PKT_LINEAR] += bytes
  fields[i + PKT_LENGTH] += bytes
  return true
}

/** Adds `bytes` of tailroom at the end of a packet without fragments. */
export const put = (packets: Packets, handle: number, bytes: number): boolean => {
  const { fields } = packets
  const i = handle << PKT_SHIFT
  if (fields[i + PKT_FRAGMENTS] !== 0 || bytes > tailroomOf(packets, handle)) return false
  fields[i + PKT_LINEAR] += bytes
  fields[i + PKT_LENGTH] += bytes
  return true
}

/** Cuts the packet to `length` bytes; false when it is shorter. Fragments that are cut off are released. */
export const trim = (packets: Packets, handle: number, length: number): boolean => {
  const { fields, fragments } = packets
  const i = handle << PKT_SHIFT
  if (length > fields[i + PKT_LENGTH]) return false
  fields[i + PKT_LENGTH] = length
  let left = length - fields[i + PKT_LINEAR]
  let fragment = fields[i + PKT_FRAGMENTS]
  if (left <= 0) {
    fields[i + PKT_LINEAR] = length
    fields[i + PKT_FRAGMENTS] = 0
    fields[i + PKT_STATE] &= ~FLAG_UNREADABLE
    fragments.releaseList(fragment)
    return true
  }
  for (; left > fragments.length(fragment); fragment = fragments.next(fragment)) left -= fragments.length(fragment)
  fragments.setLength(fragment, left)
  const rest = fragments.next(fragment)
  fragments.link(fragment, 0)
  fragments.releaseList(rest)
  return true
}

/** Bytes in the headroom that belong to the packet: a link-layer header that was pulled, metadata before it. */
const bytesBefore = (fields: Int32Array, i: number): number => {
  const mac = fields[i + PKT_MAC]
  const data = fields[i + PKT_DATA]
  const metadata = (fields[i + PKT_STATE] & META_MASK) >>> META_SHIFT
  return (mac < data ? data - mac : 0) + metadata
}

/** Moves the linear part to a buffer of its own with at least these rooms. Header offsets move along. */
const relocate = (
  packets: Packets,
  handle: number,
  headroom: number,
  tailroom: number,
  reason: CopyReason,
): boolean => {
  const linear = packets.fields[(handle << PKT_SHIFT) + PKT_LINEAR]
  const buffer = packets.buffers.alloc(headroom + linear + tailroom)
  if (buffer < 0) return false
  const { fields } = packets
  const i = handle << PKT_SHIFT
  const old = fields[i + PKT_BUFFER]
  const from = fields[i + PKT_DATA]
  const to = packets.buffers.offset(buffer) + headroom
  const before = bytesBefore(fields, i)
  packets.memory.move(to - before, from - before, linear + before, reason)
  fields[i + PKT_BUFFER] = buffer
  fields[i + PKT_DATA] = to
  if (fields[i + PKT_MAC] !== MAC_UNSET) fields[i + PKT_MAC] += to - from
  if (fields[i + PKT_NETWORK] !== 0) fields[i + PKT_NETWORK] += to - from
  if (fields[i + PKT_TRANSPORT] !== 0) fields[i + PKT_TRANSPORT] += to - from
  if (fields[i + PKT_INNER_NETWORK] !== 0) fields[i + PKT_INNER_NETWORK] += to - from
  if ((fields[i + PKT_STATE] & CSUM_MASK) === CSUM_PARTIAL) fields[i + PKT_CSUM] += to - from
  if (old >= 0) packets.buffers.release(old)
  return true
}

/** Makes the linear part writable and gives it at least these rooms, copying it only if need be. False without memory. */
export const makeWritable = (packets: Packets, handle: number, headroom = 0, tailroom = 0): boolean => {
  const head = headroomOf(packets, handle)
  const tail = tailroomOf(packets, handle)
  const roomy = head >= headroom && tail >= tailroom
  const shared = isShared(packets, handle)
  if (roomy && !shared) return true
  return relocate(
    packets,
    handle,
    Math.max(head, headroom),
    Math.max(tail, tailroom),
    roomy ? COPY.unshare : COPY.expand,
  )
}

/** Makes the first `length` bytes linear and, if bytes have to move, writable. False when the packet is shorter, when the
 *  missing bytes cannot be read, or without memory. */
export const makeLinear = (packets: Packets, handle: number, length: number): boolean => {
  const i = handle << PKT_SHIFT
  const linear = packets.fields[i + PKT_LINEAR]
  if (length <= linear) return true
  if (length > packets.fields[i + PKT_LENGTH] || (packets.fields[i + PKT_STATE] & FLAG_UNREADABLE) !== 0) return false
  if (!makeWritable(packets, handle, 0, length - linear)) return false
  const { fields, fragments, memory } = packets
  let at = fields[i + PKT_DATA] + linear
  let missing = length - linear
  let fragment = fields[i + PKT_FRAGMENTS]
  while (missing > 0) {
    const bytes = Math.min(missing, fragments.length(fragment))
    memory.move(at, fragments.offset(fragment), bytes, COPY.linearize)
    at += bytes
    missing -= bytes
    if (bytes === fragments.length(fragment)) fragment = fragments.release(fragment)
    else fragments.advance(fragment, bytes)
  }
  fields[i + PKT_FRAGMENTS] = fragment
  fields[i + PKT_LINEAR] = length
  return true
}

/** Brings a packet that lies in somebody else's memory into a frame buffer, in one piece. False without memory. */
export const makeOwn = (packets: Packets, handle: number, headroom: number, reason: CopyReason): boolean => {
  const i = handle << PKT_SHIFT
  const buffer = packets.fields[i + PKT_BUFFER]
  if (buffer < 0 || !packets.buffers.isForeign(buffer)) return true
  const rest = packets.fields[i + PKT_LENGTH] - packets.fields[i + PKT_LINEAR]
  if (!relocate(packets, handle, headroom, rest, reason)) return false
  return rest === 0 || makeLinear(packets, handle, packets.fields[i + PKT_LENGTH])
}

/** Copies bytes of the packet, fragments included, to a buffer outside. False when they go past its end or into fragments
 *  that cannot be read. */
export const readBytes = (
  packets: Packets,
  handle: number,
  offset: number,
  length: number,
  to: ByteViews,
  toOffset: number,
  reason: CopyReason,
): boolean => {
  const { fields, fragments, memory } = packets
  const i = handle << PKT_SHIFT
  const linear = fields[i + PKT_LINEAR]
  if (offset < 0 || length < 0 || offset + length > fields[i + PKT_LENGTH]) return false
  if (offset + length > linear && (fields[i + PKT_STATE] & FLAG_UNREADABLE) !== 0) return false
  let skip = offset
  let left = length
  let out = toOffset
  if (skip < linear) {
    const bytes = Math.min(left, linear - skip)
    memory.copyOut(to, out, fields[i + PKT_DATA] + skip, bytes, reason)
    out += bytes
    left -= bytes
    skip = 0
  } else skip -= linear
  for (let fragment = fields[i + PKT_FRAGMENTS]; left > 0; fragment = fragments.next(fragment)) {
    const size = fragments.length(fragment)
    if (skip >= size) {
      skip -= size
      continue
    }
    const bytes = Math.min(left, size - skip)
    memory.copyOut(to, out, fragments.offset(fragment) + skip, bytes, reason)
    out += bytes
    left -= bytes
    skip = 0
  }
  return true
}

/** A copy of the whole packet in an array of its own; of the linear part only where the rest cannot be read. For tests, tools
 *  and slow paths. */
export const bytesOf = (
  packets: Packets,
  handle: number,
  reason: CopyReason = COPY.userOut,
): Uint8Array<ArrayBuffer> => {
  const i = handle << PKT_SHIFT
  const unreadable = (packets.fields[i + PKT_STATE] & FLAG_UNREADABLE) !== 0
  const length = packets.fields[i + (unreadable ? PKT_LINEAR : PKT_LENGTH)]
  const u8 = new Uint8Array((length + 3) & ~3)
  readBytes(packets, handle, 0, length, { u8, i32: new Int32Array(u8.buffer) }, 0, reason)
  return u8.subarray(0, length)
}
