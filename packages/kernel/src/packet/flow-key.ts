/** Layout of a flow key: 24 words. What a NIC's parser makes of a frame, for hashing and steering; offsets count from the
 *  first byte of the frame. */
export const KEY_WORDS = 24
/** One bit per flow type that the frame is of: bit `FLOW_x`. */
export const KEY_TYPES = 0
/** Offset of the network header; 0 when there is none that we know. */
export const KEY_NETWORK = 1
/** Offset of the transport header; 0 when there is none, or in a later fragment. */
export const KEY_TRANSPORT = 2
/** Offset of the first byte after the transport header of TCP, UDP, SCTP or ICMP; 0 when that header is not complete. */
export const KEY_PAYLOAD = 3
/** Ethertype behind any VLAN tags, host order. */
export const KEY_ETHERTYPE = 4
/** TCI of the outermost VLAN tag; meaningful when KEY_VLANS > 0. */
export const KEY_VLAN_TCI = 5
export const KEY_VLANS = 6
/** IP protocol behind all extension headers; 0 when it was not reached (see KEY_FLAGS). */
export const KEY_PROTOCOL = 7
/** Type of service or traffic class, 8 bits. */
export const KEY_TOS = 8
/** KEY_FRAGMENT, KEY_LATER_FRAGMENT, KEY_MALFORMED. */
export const KEY_FLAGS = 9
/** Source address: words in network reading order (the first byte is the highest). IPv4 uses one word. */
export const KEY_SOURCE = 10
export const KEY_DESTINATION = 14
/** Source port in the upper, destination port in the lower half; ICMP type and code likewise in the upper half. */
export const KEY_PORTS = 18
/** End of the IP packet, where its length says so: Ethernet padding follows. */
export const KEY_END = 19
/** Destination and source MAC address, 6 + 6 bytes; only after {@link parseMacs}. */
export const KEY_MACS = 20

/** The frame is a fragment of an IP packet: no ports are taken from it. */
export const KEY_FRAGMENT = 1
/** It is not the first fragment. */
export const KEY_LATER_FRAGMENT = 2
/** A header is cut short or contradicts itself; what was found before it stands. */
export const KEY_MALFORMED = 4

/** Flow types: ethtool's numbers (uapi linux/ethtool.h, TCP_V4_FLOW and on). */
export const FLOW_TCP4 = 0x01
export const FLOW_UDP4 = 0x02
export const FLOW_SCTP4 = 0x03
export const FLOW_TCP6 = 0x05
export const FLOW_UDP6 = 0x06
export const FLOW_SCTP6 = 0x07
/** Any IPv4. */
export const FLOW_IP4 = 0x0d
/** Any IPv6. */
export const FLOW_IP6 = 0x0e
/** Any frame. */
export const FLOW_ETHER = 0x12

export const ETHERTYPE_IP4 = 0x0800
export const ETHERTYPE_VLAN = 0x8100
export const ETHERTYPE_IP6 = 0x86dd
export const ETHERTYPE_SVLAN = 0x88a8

export const PROTOCOL_ICMP = 1
export const PROTOCOL_TCP = 6
export const PROTOCOL_UDP = 17
export const PROTOCOL_ICMP6 = 58
export const PROTOCOL_SCTP = 132

export const ETHERNET_HEADER = 14

/** A key to parse into; reused. */
export const flowKey = (): Int32Array => new Int32Array(KEY_WORDS)
