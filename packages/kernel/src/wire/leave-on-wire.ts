import { makeLinear } from '../packet/edit.ts'
import * as layout from '../packet/fields.ts'
import type { Packets } from '../packet/packets.ts'

const {
  FLAG_DAMAGED,
  FLAG_UNREADABLE,
  MAC_UNSET,
  PKT_DEVICE,
  PKT_DST,
  PKT_HASH,
  PKT_IIF,
  PKT_LENGTH,
  PKT_MAC,
  PKT_MARK,
  PKT_NETWORK,
  PKT_PRIORITY,
  PKT_PROTOCOL,
  PKT_QUEUE,
  PKT_SHIFT,
  PKT_SOCKET,
  PKT_STATE,
  PKT_TC_INDEX,
  PKT_TRANSPORT,
  PKT_TSTAMP_HI,
  PKT_TSTAMP_LO,
  PKT_VLAN,
} = layout

/** Bytes in which the headers of a frame are. */
const HEADERS = 128

/** Makes a packet leave one machine: only its bytes cross a wire, its headers in one piece. False when they cannot be brought
 *  together; the packet is as it was then. */
export const leaveOnWire = (packets: Packets, handle: number): boolean => {
  const i = handle << PKT_SHIFT
  const unreadable = packets.fields[i + PKT_STATE] & FLAG_UNREADABLE
  const length = Math.min(packets.fields[i + PKT_LENGTH], HEADERS)
  if (unreadable === 0 && !makeLinear(packets, handle, length)) return false
  const { fields } = packets
  fields[i + PKT_DEVICE] = 0
  fields[i + PKT_QUEUE] = 0
  fields[i + PKT_TSTAMP_LO] = 0
  fields[i + PKT_TSTAMP_HI] = 0
  fields[i + PKT_MARK] = 0
  fields[i + PKT_PRIORITY] = 0
  fields[i + PKT_PROTOCOL] = 0
  fields[i + PKT_HASH] = 0
  fields[i + PKT_VLAN] = 0
  fields[i + PKT_IIF] = 0
  fields[i + PKT_TC_INDEX] = 0
  fields[i + PKT_DST] = 0
  fields[i + PKT_SOCKET] = 0
  fields[i + PKT_MAC] = MAC_UNSET
  fields[i + PKT_NETWORK] = 0
  fields[i + PKT_STATE] &= FLAG_DAMAGED | FLAG_UNREADABLE
  fields[i + PKT_TRANSPORT] = 0
  return true
}
