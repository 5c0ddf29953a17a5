import { COPY, type CopyReason } from './copy-reason.ts'
import { makeLinear } from './edit.ts'
import * as layout from './fields.ts'
import type { Packets } from './packets.ts'

// Engines fold constants of the own module, not imported ones.
const { PKT_DATA, PKT_FRAGMENTS, PKT_LENGTH, PKT_LINEAR, PKT_SHIFT } = layout

/**
 * Writes bytes of a packet to another place of packet memory, wherever they lie: what DMA does, which reads also what the
 * kernel must not. The caller knows that the packet has them.
 */
export function gather(
  packets: Packets,
  handle: number,
  offset: number,
  length: number,
  to: number,
  reason: CopyReason,
): void {
  const { fields, fragments, memory } = packets
  const i = handle << PKT_SHIFT
  const linear = fields[i + PKT_LINEAR]
  const start = Math.min(length, Math.max(0, linear - offset))
  if (start > 0) memory.move(to, fields[i + PKT_DATA] + offset, start, reason)
  let out = to + start
  let left = length - start
  let skip = Math.max(0, offset - linear)
  for (let fragment = fields[i + PKT_FRAGMENTS]; left > 0; fragment = fragments.next(fragment)) {
    const size = fragments.length(fragment)
    if (skip >= size) {
      skip -= size
      continue
    }
    const bytes = Math.min(left, size - skip)
    memory.move(out, fragments.offset(fragment) + skip, bytes, reason)
    out += bytes
    left -= bytes
    skip = 0
  }
}

/**
 * A packet whose bytes are to leave by a wire, in one piece: itself, or, where its fragments cannot be read, another one that takes
 * its place. -1 without memory; the packet is as it was then.
 */
export function gatherFrame(packets: Packets, handle: number): number {
  const length = packets.fields[(handle << PKT_SHIFT) + PKT_LENGTH]
  if (makeLinear(packets, handle, length)) return handle
  const frame = packets.alloc(length)
  if (frame < 0) return -1
  gather(packets, handle, 0, length, packets.fields[(frame << PKT_SHIFT) + PKT_DATA], COPY.wireOut)
  packets.free(handle)
  return frame
}
