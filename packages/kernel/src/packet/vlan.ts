import { COPY } from './copy-reason.ts'
import { makeLinear, makeWritable } from './edit.ts'
import * as layout from './fields.ts'
import type { Packets } from './packets.ts'

const {
  META_MASK,
  META_SHIFT,
  PKT_DATA,
  PKT_LENGTH,
  PKT_LINEAR,
  PKT_MAC,
  PKT_NETWORK,
  PKT_PROTOCOL,
  PKT_SHIFT,
  PKT_STATE,
  PKT_VLAN,
} = layout

export const VLAN_HLEN = 4
const MACS = 12
/** A tag and the ethertype behind it. */
const TAG_AND_TYPE = 6
const MIN_ETHERTYPE = 0x600
const ETH_P_802_2 = 4
const ETH_P_8021Q = 0x8100
const ETH_P_8021AD = 0x88a8
export const VLAN_ID = 0xfff

export const isVlan = (protocol: number): boolean => protocol === ETH_P_8021Q || protocol === ETH_P_8021AD

/** Moves both addresses, and the metadata in front of them, by a tag's length. */
function moveFront(packets: Packets, i: number, mac: number, by: number): void {
  const meta = (packets.table.fields[i + PKT_STATE] & META_MASK) >>> META_SHIFT
  packets.memory.move(mac - meta + by, mac - meta, MACS + meta, COPY.headers)
}

/**
 * Takes the tag out of a received frame, whose data begins behind its Ethernet header, and notes it in PKT_VLAN; one that has
 * a tag beside it already stays as it is. False, and nothing is changed, if the frame is too short or there is no memory.
 */
export function untag(packets: Packets, handle: number): boolean {
  if (packets.table.fields[(handle << PKT_SHIFT) + PKT_VLAN] !== 0) return true
  if (!makeLinear(packets, handle, TAG_AND_TYPE) || !makeWritable(packets, handle)) return false
  const { fields } = packets.table
  const { u8 } = packets.memory
  const i = handle << PKT_SHIFT
  const data = fields[i + PKT_DATA]
  const type = (u8[data + 2] << 8) | u8[data + 3]
  fields[i + PKT_VLAN] = (fields[i + PKT_PROTOCOL] << 16) | (u8[data] << 8) | u8[data + 1]
  fields[i + PKT_PROTOCOL] = type >= MIN_ETHERTYPE ? type : ETH_P_802_2
  moveFront(packets, i, fields[i + PKT_MAC], VLAN_HLEN)
  fields[i + PKT_MAC] += VLAN_HLEN
  fields[i + PKT_DATA] = data + VLAN_HLEN
  fields[i + PKT_NETWORK] = data + VLAN_HLEN
  fields[i + PKT_LENGTH] -= VLAN_HLEN
  fields[i + PKT_LINEAR] -= VLAN_HLEN
  return true
}

/** Puts the tag of PKT_VLAN into the frame, whose data begins with its Ethernet header. False without memory. */
export function insertTag(packets: Packets, handle: number): boolean {
  if (!makeLinear(packets, handle, MACS) || !makeWritable(packets, handle, VLAN_HLEN)) return false
  const { fields } = packets.table
  const { u8 } = packets.memory
  const i = handle << PKT_SHIFT
  const data = fields[i + PKT_DATA]
  const tag = fields[i + PKT_VLAN]
  moveFront(packets, i, data, -VLAN_HLEN)
  const at = data - VLAN_HLEN + MACS
  u8[at] = tag >>> 24
  u8[at + 1] = tag >>> 16
  u8[at + 2] = tag >>> 8
  u8[at + 3] = tag
  fields[i + PKT_PROTOCOL] = tag >>> 16
  fields[i + PKT_VLAN] = 0
  fields[i + PKT_DATA] = data - VLAN_HLEN
  fields[i + PKT_MAC] = data - VLAN_HLEN
  fields[i + PKT_LENGTH] += VLAN_HLEN
  fields[i + PKT_LINEAR] += VLAN_HLEN
  return true
}
