import {
  GSO_TCPV4,
  GSO_TCPV6,
  PKT_DATA,
  PKT_GSO,
  PKT_GSO_TYPE,
  PKT_LENGTH,
  PKT_SHIFT,
  PKT_TRANSPORT,
} from '../../packet/fields.ts'
import type { Packets } from '../../packet/packets.ts'

const UDP_HEADER = 8

/** Bytes that a packet has on the wire once it is segmented: each further segment has the headers again. Source: spec 02 §3.2. */
export function wireLength({ fields, memory }: Packets, handle: number): number {
  const i = handle << PKT_SHIFT
  const length = fields[i + PKT_LENGTH]
  const size = fields[i + PKT_GSO] & 0xffff
  const transport = fields[i + PKT_TRANSPORT]
  if (size === 0 || transport === 0) return length
  const isTcp = (fields[i + PKT_GSO_TYPE] & (GSO_TCPV4 | GSO_TCPV6)) !== 0
  const headers = transport - fields[i + PKT_DATA] + (isTcp ? (memory.u8[transport + 12] >>> 4) * 4 : UDP_HEADER)
  const segments = fields[i + PKT_GSO] >>> 16
  return length + (Math.max(segments, 1) - 1) * headers
}
