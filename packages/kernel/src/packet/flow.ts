import * as layout from './flow-key.ts'

// Engines fold constants of the own module, not imported or exported ones: half of the time.
const {
  KEY_TYPES,
  KEY_NETWORK,
  KEY_TRANSPORT,
  KEY_PAYLOAD,
  KEY_ETHERTYPE,
  KEY_VLAN_TCI,
  KEY_VLANS,
  KEY_PROTOCOL,
  KEY_TOS,
  KEY_FLAGS,
  KEY_SOURCE,
  KEY_DESTINATION,
  KEY_PORTS,
  KEY_END,
  KEY_MACS,
  KEY_FRAGMENT,
  KEY_LATER_FRAGMENT,
  KEY_MALFORMED,
  FLOW_TCP4,
  FLOW_TCP6,
  FLOW_IP4,
  FLOW_IP6,
  FLOW_ETHER,
  ETHERTYPE_IP4,
  ETHERTYPE_VLAN,
  ETHERTYPE_IP6,
  ETHERTYPE_SVLAN,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  PROTOCOL_ICMP6,
  PROTOCOL_SCTP,
  ETHERNET_HEADER,
} = layout

/** Extension headers followed before the chain counts as malformed. */
const MOST_EXTENSIONS = 8

const u16 = (u8: Uint8Array, at: number): number => (u8[at] << 8) | u8[at + 1]
const u32 = (u8: Uint8Array, at: number): number => (u8[at] << 24) | (u8[at + 1] << 16) | (u8[at + 2] << 8) | u8[at + 3]

/** Parses the Ethernet frame `u8[offset .. offset + length)` into `key`. Never reads outside the frame, whatever it contains,
 *  and allocates nothing. */
export const parseFlow = (u8: Uint8Array, offset: number, length: number, key: Int32Array): void => {
  key[KEY_TYPES] = 0
  key[KEY_NETWORK] = 0
  key[KEY_TRANSPORT] = 0
  key[KEY_PAYLOAD] = 0
  key[KEY_ETHERTYPE] = 0
  key[KEY_VLANS] = 0
  key[KEY_PROTOCOL] = 0
  key[KEY_TOS] = 0
  key[KEY_FLAGS] = 0
  key[KEY_PORTS] = 0
  key[KEY_END] = length
  if (length < ETHERNET_HEADER) {
    key[KEY_FLAGS] = KEY_MALFORMED
    return
  }
  key[KEY_TYPES] = 1 << FLOW_ETHER
  let at = 12
  let type = u16(u8, offset + at)
  while (type === ETHERTYPE_VLAN || type === ETHERTYPE_SVLAN) {
    if (at + 6 > length) {
      key[KEY_FLAGS] = KEY_MALFORMED
      return
    }
    if (key[KEY_VLANS]++ === 0) key[KEY_VLAN_TCI] = u16(u8, offset + at + 2)
    at += 4
    type = u16(u8, offset + at)
  }
  key[KEY_ETHERTYPE] = type
  if (type === ETHERTYPE_IP4) parseIp4(u8, offset, at + 2, length, key)
  else if (type === ETHERTYPE_IP6) parseIp6(u8, offset, at + 2, length, key)
}

/** Adds the two MAC addresses to a key. Apart from {@link parseFlow}, because only few steering tables look at them. */
export const parseMacs = (u8: Uint8Array, offset: number, length: number, key: Int32Array): void => {
  const complete = length >= ETHERNET_HEADER
  key[KEY_MACS] = complete ? u32(u8, offset) : 0
  key[KEY_MACS + 1] = complete ? u32(u8, offset + 4) : 0
  key[KEY_MACS + 2] = complete ? u32(u8, offset + 8) : 0
}

const parseIp4 = (u8: Uint8Array, offset: number, at: number, length: number, key: Int32Array): void => {
  const header = offset + at
  const headerLength = at + 20 <= length ? (u8[header] & 0xf) << 2 : 0
  if (headerLength < 20 || u8[header] >> 4 !== 4 || at + headerLength > length) {
    key[KEY_FLAGS] = KEY_MALFORMED
    return
  }
  key[KEY_TYPES] |= 1 << FLOW_IP4
  key[KEY_NETWORK] = at
  key[KEY_TOS] = u8[header + 1]
  key[KEY_PROTOCOL] = u8[header + 9]
  key[KEY_SOURCE] = u32(u8, header + 12)
  key[KEY_DESTINATION] = u32(u8, header + 16)
  // Length 0 is what segmentation offload writes for packets that are longer than the field can say.
  const total = u16(u8, header + 2)
  if (total !== 0 && at + total < length) key[KEY_END] = at + total
  if (total !== 0 && total < headerLength) {
    key[KEY_FLAGS] = KEY_MALFORMED
    key[KEY_END] = length
    return
  }
  const fragment = u16(u8, header + 6)
  if ((fragment & 0x3fff) !== 0) key[KEY_FLAGS] = KEY_FRAGMENT
  if ((fragment & 0x1fff) !== 0) key[KEY_FLAGS] = KEY_FRAGMENT | KEY_LATER_FRAGMENT
  else parseTransport(u8, offset, at + headerLength, key, FLOW_TCP4)
}

const HOP_BY_HOP = 0
const ROUTING = 43
const FRAGMENT = 44
const AUTHENTICATION = 51
const DESTINATION_OPTIONS = 60
const MOBILITY = 135
const HOST_IDENTITY = 139
const SHIM6 = 140

const parseIp6 = (u8: Uint8Array, offset: number, at: number, length: number, key: Int32Array): void => {
  const header = offset + at
  if (at + 40 > length || u8[header] >> 4 !== 6) {
    key[KEY_FLAGS] = KEY_MALFORMED
    return
  }
  key[KEY_TYPES] |= 1 << FLOW_IP6
  key[KEY_NETWORK] = at
  key[KEY_TOS] = ((u8[header] & 0xf) << 4) | (u8[header + 1] >> 4)
  for (let word = 0; word < 8; word++) key[KEY_SOURCE + word] = u32(u8, header + 8 + word * 4)
  // Length 0 is a jumbogram, or a packet longer than the field can say.
  const payload = u16(u8, header + 4)
  if (payload !== 0 && at + 40 + payload < length) key[KEY_END] = at + 40 + payload
  const end = key[KEY_END]
  let next = u8[header + 6]
  let position = at + 40
  for (let count = 0; ; count++) {
    const isExtension =
      next === HOP_BY_HOP ||
      next === ROUTING ||
      next === FRAGMENT ||
      next === AUTHENTICATION ||
      next === DESTINATION_OPTIONS ||
      next === MOBILITY ||
      next === HOST_IDENTITY ||
      next === SHIM6
    if (!isExtension) break
    if (count === MOST_EXTENSIONS || position + 8 > end) {
      key[KEY_FLAGS] |= KEY_MALFORMED
      return
    }
    const extension = offset + position
    if (next === FRAGMENT) {
      const where = u16(u8, extension + 2)
      // Offset 0 without a successor is a whole packet in a fragment header ("atomic fragment"), yet NICs treat it as one.
      key[KEY_FLAGS] |= KEY_FRAGMENT
      if ((where & 0xfff8) !== 0) {
        key[KEY_FLAGS] |= KEY_LATER_FRAGMENT
        key[KEY_PROTOCOL] = u8[extension]
        return
      }
    }
    const size =
      next === FRAGMENT ? 8 : next === AUTHENTICATION ? (u8[extension + 1] + 2) << 2 : (u8[extension + 1] + 1) << 3
    if (position + size > end) {
      key[KEY_FLAGS] |= KEY_MALFORMED
      return
    }
    next = u8[extension]
    position += size
  }
  key[KEY_PROTOCOL] = next
  parseTransport(u8, offset, position, key, FLOW_TCP6)
}

/** `tcp`: the TCP flow type of this IP version; UDP and SCTP are the next two numbers. */
const parseTransport = (u8: Uint8Array, offset: number, at: number, key: Int32Array, tcp: number): void => {
  const end = key[KEY_END]
  const protocol = key[KEY_PROTOCOL]
  const whole = (key[KEY_FLAGS] & KEY_FRAGMENT) === 0
  const header = offset + at
  let size: number
  let type = 0
  if (protocol === PROTOCOL_TCP) {
    size = at + 20 <= end ? (u8[header + 12] >> 4) << 2 : 0
    if (size < 20) size = 0
    type = tcp
  } else if (protocol === PROTOCOL_UDP) {
    size = 8
    type = tcp + 1
  } else if (protocol === PROTOCOL_SCTP) {
    size = 12
    type = tcp + 2
  } else if (protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMP6) size = 8
  else return
  key[KEY_TRANSPORT] = at
  if (size === 0 || at + size > end) key[KEY_FLAGS] |= KEY_MALFORMED
  else key[KEY_PAYLOAD] = at + size
  if (at + 4 > end) return
  if (type === 0) key[KEY_PORTS] = u16(u8, header) << 16
  else if (whole) {
    // Ports of a first fragment are left out: later fragments of the same packet must go the same way.
    key[KEY_PORTS] = u32(u8, header)
    key[KEY_TYPES] |= 1 << type
  }
}
