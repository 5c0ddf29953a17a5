import * as layout from '../../packet/fields.ts'
import type { Packets } from '../../packet/packets.ts'

// Engines fold constants of the own module, not imported ones.
const { PKT_BUFFER, PKT_DATA, PKT_FRAGMENTS, PKT_LENGTH, PKT_LINEAR, PKT_SHIFT } = layout

/** What a descriptor and bookkeeping add to the memory that a waiting packet counts for. */
const OVERHEAD = 256

/** Takes `bytes` off the front of a packet, no more than it has: of the linear part, then of the fragments. Nothing is copied. */
export function dropFront(packets: Packets, handle: number, bytes: number): void {
  const { fields } = packets.table
  const { fragments } = packets
  const i = handle << PKT_SHIFT
  fields[i + PKT_LENGTH] -= bytes
  const linear = fields[i + PKT_LINEAR]
  const first = Math.min(bytes, linear)
  fields[i + PKT_DATA] += first
  fields[i + PKT_LINEAR] -= first
  let left = bytes - first
  let fragment = fields[i + PKT_FRAGMENTS]
  while (left > 0) {
    const length = fragments.length(fragment)
    if (left < length) {
      fragments.advance(fragment, left)
      break
    }
    left -= length
    fragment = fragments.release(fragment)
  }
  fields[i + PKT_FRAGMENTS] = fragment
}

/** Memory that a packet keeps from others while it waits. */
export function memoryOf(packets: Packets, handle: number): number {
  const { fields } = packets.table
  const i = handle << PKT_SHIFT
  const buffer = fields[i + PKT_BUFFER]
  const paged = fields[i + PKT_LENGTH] - fields[i + PKT_LINEAR]
  return OVERHEAD + paged + (buffer < 0 ? 0 : packets.buffers.size(buffer))
}
