import { joinSum } from './complete-sum.ts'
import * as layout from './fields.ts'
import { insertHeader, removeHeader } from './header.ts'
import type { Packets } from './packets.ts'
import { isVlan } from './vlan.ts'
import { makeStart } from './writable.ts'

// Engines fold constants of the own module, not imported ones.
const { PKT_DATA, PKT_LINEAR, PKT_MAC, PKT_NETWORK, PKT_PROTOCOL, PKT_SHIFT, PKT_VLAN } = layout

const MIN_ETHERTYPE = 0x600
const ETH_P_802_3 = 0x0001
const ETH_P_802_2 = 0x0004
/** No checksum follows the length: IPX over raw 802.3. */
const RAW_802_3 = 0xffff
const ADDRESSES = 12
const ETHERNET_HEADER = 14
const TAG = 4
/** Tags that are looked behind. */
const MOST_TAGS = 8

/**
 * Gives the packet, whose data begins with its link-layer header, a tag beside it; one that it had there goes into the bytes before.
 * False without memory.
 */
export function pushVlan(packets: Packets, handle: number, protocol: number, tci: number): boolean {
  const i = handle << PKT_SHIFT
  const old = packets.fields[i + PKT_VLAN]
  if (old !== 0 && !insertTag(packets, handle, old)) return false
  packets.fields[i + PKT_VLAN] = (protocol << 16) | tci
  return true
}

function insertTag(packets: Packets, handle: number, tag: number): boolean {
  if (!insertHeader(packets, handle, ADDRESSES, TAG)) return false
  const { fields, memory } = packets
  const i = handle << PKT_SHIFT
  const at = fields[i + PKT_DATA] + ADDRESSES
  memory.u8[at] = tag >>> 24
  memory.u8[at + 1] = tag >>> 16
  memory.u8[at + 2] = tag >>> 8
  memory.u8[at + 3] = tag
  fields[i + PKT_PROTOCOL] = tag >>> 16
  joinSum(packets, handle, ADDRESSES, TAG, 0)
  return true
}

/** Takes the outermost tag away, and puts the next one, if there is one, beside the packet. False without memory or with too few
 *  bytes. */
export function popVlan(packets: Packets, handle: number): boolean {
  const { fields } = packets
  const i = handle << PKT_SHIFT
  if (fields[i + PKT_VLAN] !== 0) fields[i + PKT_VLAN] = 0
  else if (isVlan(fields[i + PKT_PROTOCOL]) && removeTag(packets, handle) < 0) return false
  const protocol = packets.fields[i + PKT_PROTOCOL]
  if (!isVlan(protocol)) return true
  const tci = removeTag(packets, handle)
  if (tci < 0) return false
  packets.fields[i + PKT_VLAN] = (protocol << 16) | tci
  return true
}

/** The protocol behind all tags in the bytes of a packet whose data begins with its link-layer header; 0 if it is not there. */
export function protocolBehindTags({ fields, memory }: Packets, handle: number): number {
  const i = handle << PKT_SHIFT
  let protocol = fields[i + PKT_PROTOCOL]
  for (let at = fields[i + PKT_NETWORK] - fields[i + PKT_MAC], tags = 0; isVlan(protocol); at += TAG, tags++) {
    if (tags === MOST_TAGS || at + TAG > fields[i + PKT_LINEAR]) return 0
    const type = fields[i + PKT_DATA] + at + 2
    protocol = (memory.u8[type] << 8) | memory.u8[type + 1]
  }
  return protocol
}

/** Takes a tag out of the bytes; its TCI, or -1. */
function removeTag(packets: Packets, handle: number): number {
  if (!makeStart(packets, handle, ETHERNET_HEADER + TAG)) return -1
  const { fields, memory } = packets
  const i = handle << PKT_SHIFT
  const { u8 } = memory
  const tag = fields[i + PKT_DATA] + ADDRESSES
  const tci = (u8[tag + 2] << 8) | u8[tag + 3]
  const network = fields[i + PKT_NETWORK]
  const protocol = protocolBehind(u8, tag + TAG, fields[i + PKT_LINEAR] - ADDRESSES - TAG)
  removeHeader(packets, handle, ADDRESSES, TAG)
  fields[i + PKT_PROTOCOL] = protocol
  // The network header stays where it is, unless that is inside the link-layer header now.
  fields[i + PKT_NETWORK] = Math.max(network, fields[i + PKT_DATA] + ETHERNET_HEADER)
  return tci
}

/** What the bytes behind a tag say that follows. */
function protocolBehind(u8: Uint8Array, at: number, length: number): number {
  const type = (u8[at] << 8) | u8[at + 1]
  if (type >= MIN_ETHERTYPE) return type
  return length >= 4 && ((u8[at + 2] << 8) | u8[at + 3]) === RAW_802_3 ? ETH_P_802_3 : ETH_P_802_2
}
