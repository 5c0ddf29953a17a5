import { COPY } from './copy-reason.ts'
import * as layout from './fields.ts'
import type { PacketMemory } from './memory.ts'
import type { Packets } from './packets.ts'

// Engines fold constants of the own module, not imported ones.
const { FLAG_UNREADABLE, PKT_DATA, PKT_FRAGMENTS, PKT_LENGTH, PKT_LINEAR, PKT_SHIFT, PKT_STATE } = layout

/** Up to this many bytes one by one is faster than a call into the runtime. */
const FEW = 64

/** Copies bytes from one place of packet memory to another. */
export function copyInside(memory: PacketMemory, to: number, from: number, length: number): void {
  if (length > FEW) {
    memory.move(to, from, length, COPY.program)
    return
  }
  const { u8 } = memory
  for (let i = 0; i < length; i++) u8[to + i] = u8[from + i]
}

/** Copies bytes of a packet, fragments included, to another place of packet memory. False when it does not have them or they cannot
 *  be read. */
export function readInside(packets: Packets, handle: number, offset: number, length: number, to: number): boolean {
  const { fields, memory } = packets
  const i = handle << PKT_SHIFT
  if (offset < 0 || length < 0 || offset + length > fields[i + PKT_LENGTH]) return false
  const linear = fields[i + PKT_LINEAR]
  if (offset + length > linear) return readFragments(packets, handle, offset, length, to)
  copyInside(memory, to, fields[i + PKT_DATA] + offset, length)
  return true
}

function readFragments(packets: Packets, handle: number, offset: number, length: number, to: number): boolean {
  const { fields, fragments, memory } = packets
  const i = handle << PKT_SHIFT
  if ((fields[i + PKT_STATE] & FLAG_UNREADABLE) !== 0) return false
  const linear = fields[i + PKT_LINEAR]
  const inLinear = Math.max(0, linear - offset)
  copyInside(memory, to, fields[i + PKT_DATA] + offset, inLinear)
  let out = to + inLinear
  let left = length - inLinear
  let skip = Math.max(0, offset - linear)
  for (let fragment = fields[i + PKT_FRAGMENTS]; left > 0; fragment = fragments.next(fragment)) {
    const size = fragments.length(fragment)
    if (skip < size) {
      const bytes = Math.min(left, size - skip)
      copyInside(memory, out, fragments.offset(fragment) + skip, bytes)
      out += bytes
      left -= bytes
      skip = 0
    } else skip -= size
  }
  return true
}
