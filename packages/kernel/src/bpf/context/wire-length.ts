import { PKT_DATA, PKT_GSO, PKT_LENGTH, PKT_SHIFT, PKT_TRANSPORT } from '../../packet/fields.ts'
import { isGso } from '../../packet/offload.ts'
import type { Packets } from '../../packet/packets.ts'
import { transportHeader } from '../../packet/segment-length.ts'

/** Bytes that a packet has on the wire once it is segmented: each further segment has the headers again. Source: spec 02 §3.2. */
export function wireLength(packets: Packets, handle: number): number {
  const { fields } = packets
  const i = handle << PKT_SHIFT
  const length = fields[i + PKT_LENGTH]
  const transport = fields[i + PKT_TRANSPORT]
  if (!isGso(packets, handle) || transport === 0) return length
  const headers = transport - fields[i + PKT_DATA] + transportHeader(packets, handle)
  return length + (Math.max(fields[i + PKT_GSO] >>> 16, 1) - 1) * headers
}
