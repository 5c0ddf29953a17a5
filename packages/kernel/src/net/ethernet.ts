import * as layout from '../packet/fields.ts'
import type { Packets } from '../packet/packets.ts'
import type { Device } from './device.ts'

const {
  PKT_DATA,
  PKT_LENGTH,
  PKT_LINEAR,
  PKT_MAC,
  PKT_NETWORK,
  PKT_PROTOCOL,
  PKT_SHIFT,
  PKT_STATE,
  TYPE_BROADCAST,
  TYPE_HOST,
  TYPE_MASK,
  TYPE_MULTICAST,
  TYPE_OTHERHOST,
} = layout

export const ETH_HLEN = 14
const MIN_ETHERTYPE = 0x600
const ETH_P_802_2 = 4

/** To whom a frame is addressed, as `dev` sees it: one of TYPE_*. `at`: offset of the Ethernet header. Source: spec 02 §1.3. */
export function classify(u8: Uint8Array, at: number, dev: Device): number {
  const a = dev.address
  if (
    u8[at] === a[0] &&
    u8[at + 1] === a[1] &&
    u8[at + 2] === a[2] &&
    u8[at + 3] === a[3] &&
    u8[at + 4] === a[4] &&
    u8[at + 5] === a[5]
  ) {
    return TYPE_HOST
  }
  if ((u8[at] & 1) === 0) return TYPE_OTHERHOST
  const b = dev.broadcast
  for (let i = 0; i < 6; i++) if (u8[at + i] !== b[i]) return TYPE_MULTICAST
  return TYPE_BROADCAST
}

/** The protocol of the frame at `at`: its ethertype, or 802.2 where that is a length. */
function protocolOf(u8: Uint8Array, at: number): number {
  const type = (u8[at + 12] << 8) | u8[at + 13]
  return type >= MIN_ETHERTYPE ? type : ETH_P_802_2
}

/** Notes where the headers of a frame that is about to be sent begin, and its protocol. */
export function setFrameHeaders(packets: Packets, handle: number): void {
  const fields = packets.table.fields
  const i = handle << PKT_SHIFT
  const data = fields[i + PKT_DATA]
  fields[i + PKT_MAC] = data
  fields[i + PKT_NETWORK] = data + ETH_HLEN
  fields[i + PKT_PROTOCOL] = protocolOf(packets.memory.u8, data)
}

/** What a device does with a frame that it receives: protocol, addressee, and the Ethernet header pulled off. */
export function receiveFrame(packets: Packets, handle: number, dev: Device): void {
  const fields = packets.table.fields
  const i = handle << PKT_SHIFT
  const data = fields[i + PKT_DATA]
  const u8 = packets.memory.u8
  fields[i + PKT_MAC] = data
  fields[i + PKT_PROTOCOL] = protocolOf(u8, data)
  fields[i + PKT_STATE] = (fields[i + PKT_STATE] & ~TYPE_MASK) | classify(u8, data, dev)
  fields[i + PKT_DATA] = data + ETH_HLEN
  fields[i + PKT_NETWORK] = data + ETH_HLEN
  fields[i + PKT_LENGTH] -= ETH_HLEN
  fields[i + PKT_LINEAR] -= ETH_HLEN
}
