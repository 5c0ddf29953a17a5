import { PKT_GSO, PKT_LENGTH, PKT_NETWORK, PKT_SHIFT, PKT_TRANSPORT } from './fields.ts'
import { isGso, isGsoTcp } from './offload.ts'
import type { Packets } from './packets.ts'

const UDP_HEADER = 8

/** Bytes of a transport header of a packet that is to be cut into segments. */
export function transportHeader(packets: Packets, handle: number): number {
  const at = packets.fields[(handle << PKT_SHIFT) + PKT_TRANSPORT]
  return isGsoTcp(packets, handle) ? (packets.memory.u8[at + 12] >>> 4) * 4 : UDP_HEADER
}

/** Whether a packet, which begins with its network header, or each of its segments fits into an MTU. */
export function fitsInto(packets: Packets, handle: number, mtu: number): boolean {
  const i = handle << PKT_SHIFT
  if (packets.table.fields[i + PKT_LENGTH] <= mtu) return true
  return isGso(packets, handle) && segmentLength(packets, handle) <= mtu
}

/** Bytes that a segment will have from its network header on. */
export function segmentLength(packets: Packets, handle: number): number {
  const { fields } = packets
  const i = handle << PKT_SHIFT
  const headers = fields[i + PKT_TRANSPORT] - fields[i + PKT_NETWORK] + transportHeader(packets, handle)
  return headers + (fields[i + PKT_GSO] & 0xffff)
}
