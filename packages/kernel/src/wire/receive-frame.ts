import { COPY } from '../packet/copy-reason.ts'
import { makeLinear } from '../packet/edit.ts'
import * as layout from '../packet/fields.ts'
import type { Packets } from '../packet/packets.ts'
import type { WireFrame } from './wire.ts'

const {
  FLAG_DAMAGED,
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

/** Makes a packet leave one machine: only its bytes cross a wire. False when they cannot be brought together; the packet is as
 *  it was then. */
export const leaveOnWire = (packets: Packets, handle: number): boolean => {
  const i = handle << PKT_SHIFT
  if (!makeLinear(packets, handle, packets.fields[i + PKT_LENGTH])) return false
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
  fields[i + PKT_STATE] &= FLAG_DAMAGED
  fields[i + PKT_TRANSPORT] = 0
  return true
}

/** The packet of a frame that goes to an ordinary queue: bytes from outside are copied into a frame buffer, the only time that
 *  they are; a packet of another NIC is taken as it is. -1 without memory. */
export const receiveFrame = (packets: Packets, frame: WireFrame, headroom: number): number =>
  frame.handle >= 0 ? frame.handle : packets.allocFrom(frame.bytes, frame.offset, frame.length, COPY.wireIn, headroom)
