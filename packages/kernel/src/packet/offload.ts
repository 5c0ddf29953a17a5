import { GSO_DODGY, GSO_TCPV4, GSO_TCPV6, GSO_UDP_L4, PKT_GSO, PKT_GSO_TYPE, PKT_SHIFT } from './fields.ts'
import type { Packets } from './packets.ts'

/** Whether the packet is to be cut into segments. */
export const isGso = ({ fields }: Packets, handle: number): boolean =>
  (fields[(handle << PKT_SHIFT) + PKT_GSO] & 0xffff) !== 0

/** Segments of TCP, the only ones whose size can change; of a UDP packet each is a datagram. */
export const isGsoTcp = ({ fields }: Packets, handle: number): boolean =>
  isGso({ fields } as Packets, handle) && (fields[(handle << PKT_SHIFT) + PKT_GSO_TYPE] & (GSO_TCPV4 | GSO_TCPV6)) !== 0

export const isGsoUdp = ({ fields }: Packets, handle: number): boolean =>
  (fields[(handle << PKT_SHIFT) + PKT_GSO_TYPE] & GSO_UDP_L4) !== 0

/** It is one packet from now on, however long. */
export function forgetGso({ fields }: Packets, handle: number): void {
  const i = handle << PKT_SHIFT
  fields[i + PKT_GSO] = 0
  fields[i + PKT_GSO_TYPE] = 0
}

/** Headers have changed: segments get `by` bytes more, their number has to be found out again, and `types` are added. */
export function changeGso({ fields }: Packets, handle: number, by: number, types: number): void {
  const i = handle << PKT_SHIFT
  const size = (fields[i + PKT_GSO] + by) & 0xffff
  fields[i + PKT_GSO] = size
  fields[i + PKT_GSO_TYPE] |= types | GSO_DODGY
}
