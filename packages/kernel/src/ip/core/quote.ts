import { COPY } from '../../packet/copy-reason.ts'
import { readBytes } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import type { Packets } from '../../packet/packets.ts'
import { ICMP_HEADER } from './headers.ts'

const { FLAG_UNREADABLE, PKT_DATA, PKT_LENGTH, PKT_LINEAR, PKT_NETWORK, PKT_SHIFT, PKT_STATE } = layout

/**
 * A new packet for an ICMP error: room for its header, then up to `room` bytes of the packet that it is about, the IP header
 * first. -1 without memory.
 */
export function quote(packets: Packets, handle: number, room: number): number {
  const { fields } = packets
  const i = handle << PKT_SHIFT
  const offset = fields[i + PKT_NETWORK] - fields[i + PKT_DATA]
  const there = fields[i + ((fields[i + PKT_STATE] & FLAG_UNREADABLE) !== 0 ? PKT_LINEAR : PKT_LENGTH)] - offset
  const bytes = Math.max(0, Math.min(there, room))
  const error = packets.alloc(ICMP_HEADER + bytes)
  if (error < 0) return -1
  const to = packets.fields[(error << PKT_SHIFT) + PKT_DATA]
  packets.memory.u8.fill(0, to, to + ICMP_HEADER)
  readBytes(packets, handle, offset, bytes, packets.memory, to + ICMP_HEADER, COPY.headers)
  return error
}
