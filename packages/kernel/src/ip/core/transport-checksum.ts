import { fold, sumBytes } from '../../packet/checksum.ts'
import * as layout from '../../packet/fields.ts'
import type { Packets } from '../../packet/packets.ts'
import { put16 } from './address.ts'

// Engines fold constants of the own module, not imported ones.
const { CSUM_MASK, CSUM_PARTIAL, PKT_CSUM, PKT_CSUM_FIELD, PKT_DATA, PKT_LENGTH, PKT_SHIFT, PKT_STATE, PKT_TRANSPORT } =
  layout

/** Sum of the pseudo header of a packet whose network header is at `at`. Sources: RFC 768, RFC 8200 §8.1. */
export function pseudoHeader(packets: Packets, at: number, v6: boolean, protocol: number, length: number): number {
  const { u8, i32 } = packets.memory
  const addresses = v6 ? sumBytes(u8, i32, at + 8, 32) : sumBytes(u8, i32, at + 12, 8)
  return addresses + protocol + (length >>> 16) + (length & 0xffff)
}

/** Leaves the checksum at `field` of the transport header to the device. The packet has all its headers. */
export function leaveChecksum(packets: Packets, handle: number, field: number, pseudo: number): void {
  const { fields } = packets.table
  const i = handle << PKT_SHIFT
  const transport = fields[i + PKT_TRANSPORT]
  fields[i + PKT_STATE] = (fields[i + PKT_STATE] & ~CSUM_MASK) | CSUM_PARTIAL
  fields[i + PKT_CSUM] = transport
  fields[i + PKT_CSUM_FIELD] = field
  put16(packets.memory.u8, transport + field, fold(pseudo))
}

/** Bytes from the transport header to the end of the packet. */
export const transportLength = (packets: Packets, handle: number): number => {
  const { fields } = packets.table
  const i = handle << PKT_SHIFT
  return fields[i + PKT_LENGTH] - (fields[i + PKT_TRANSPORT] - fields[i + PKT_DATA])
}
