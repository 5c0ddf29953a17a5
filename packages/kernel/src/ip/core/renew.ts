import * as layout from '../../packet/fields.ts'
import type { Packets } from '../../packet/packets.ts'

// Engines fold constants of the own module, not imported ones.
const {
  CSUM_MASK,
  MAC_UNSET,
  PKT_DEVICE,
  PKT_GSO,
  PKT_GSO_TYPE,
  PKT_HASH,
  PKT_IIF,
  PKT_MAC,
  PKT_MARK,
  PKT_NAPI,
  PKT_PRIORITY,
  PKT_QUEUE,
  PKT_SHIFT,
  PKT_SOCKET,
  PKT_STATE,
  PKT_TC_INDEX,
  PKT_TSTAMP_HI,
  PKT_TSTAMP_LO,
  PKT_VLAN,
  FLAG_UNREADABLE,
} = layout

/** Makes a received packet one of our own, which is sent back in its place: only its bytes and its checksum state stay. */
export function renew(packets: Packets, handle: number): void {
  const { fields } = packets.table
  const i = handle << PKT_SHIFT
  fields[i + PKT_STATE] &= CSUM_MASK | FLAG_UNREADABLE
  fields[i + PKT_MAC] = MAC_UNSET
  fields[i + PKT_DEVICE] = 0
  fields[i + PKT_QUEUE] = 0
  fields[i + PKT_TSTAMP_LO] = 0
  fields[i + PKT_TSTAMP_HI] = 0
  fields[i + PKT_MARK] = 0
  fields[i + PKT_PRIORITY] = 0
  fields[i + PKT_HASH] = 0
  fields[i + PKT_VLAN] = 0
  fields[i + PKT_GSO] = 0
  fields[i + PKT_GSO_TYPE] = 0
  fields[i + PKT_IIF] = 0
  fields[i + PKT_TC_INDEX] = 0
  fields[i + PKT_NAPI] = 0
  fields[i + PKT_SOCKET] = 0
}
