import * as layout from './fields.ts'
import type { Packets } from './packets.ts'

// Engines fold constants of the own module, not imported ones.
const { PKT_DATA, PKT_FRAGMENTS, PKT_LENGTH, PKT_LINEAR, PKT_MAC, PKT_NETWORK, PKT_PROTOCOL, PKT_SHIFT } = layout

const ETHERTYPE_IP4 = 0x0800
const ETHERTYPE_IP6 = 0x86dd
const ETHERNET_HEADER = 14
const IPV4_HEADER = 20
const IPV6_HEADER = 40
const TCP_HEADER = 20
const PROTOCOL_TCP = 6
/** More fragments, or a place behind the first one. */
const FRAGMENT = 0x3fff
const FIN = 0x01
const PSH = 0x08
const ACK = 0x10

/** A TCP segment in a packet, and what was put behind it. Reused. */
export class SegmentFlow {
  /** -1: none. */
  handle = -1
  v6 = false
  /** Offset of the TCP header behind the network header, and bytes before the payload. */
  transport = 0
  headers = 0
  flags = 0
  /** Bytes of payload of this segment, and of each that follows but the last. */
  length = 0
  size = 0
  /** Sequence number, and that of what would follow. */
  seq = 0
  next = 0
  /** Segments. */
  count = 0
  /** The last fragment, 0 for none. */
  last = 0
  /** Where the network header is in packet memory. */
  private network = 0
  private mac = 0

  /** Reads the headers; false if it is no TCP segment, or one with anything unusual about it. */
  read({ table: { fields }, memory: { u8 } }: Packets, handle: number): boolean {
    const i = handle << PKT_SHIFT
    const network = fields[i + PKT_NETWORK]
    const linear = fields[i + PKT_LINEAR]
    const length = fields[i + PKT_LENGTH]
    const type = fields[i + PKT_PROTOCOL]
    if (network !== fields[i + PKT_DATA] || fields[i + PKT_MAC] !== network - ETHERNET_HEADER) return false
    if (type === ETHERTYPE_IP4) {
      if (linear < IPV4_HEADER + TCP_HEADER || u8[network] !== 0x45 || u8[network + 9] !== PROTOCOL_TCP) return false
      if (be16(u8, network + 2) !== length || (be16(u8, network + 6) & FRAGMENT) !== 0) return false
    } else if (type === ETHERTYPE_IP6) {
      if (linear < IPV6_HEADER + TCP_HEADER || u8[network + 6] !== PROTOCOL_TCP) return false
      if (be16(u8, network + 4) + IPV6_HEADER !== length) return false
    } else return false
    this.v6 = type === ETHERTYPE_IP6
    this.transport = this.v6 ? IPV6_HEADER : IPV4_HEADER
    const tcp = network + this.transport
    const header = (u8[tcp + 12] >>> 4) << 2
    this.headers = this.transport + header
    if (header < TCP_HEADER || this.headers > linear) return false
    this.handle = handle
    this.network = network
    this.mac = network - ETHERNET_HEADER
    this.flags = u8[tcp + 13]
    this.length = length - this.headers
    this.seq = be32(u8, tcp + 4)
    return true
  }

  /** Whether something may be put behind it: data, and nothing but data. */
  get mayGrow(): boolean {
    return this.length > 0 && this.flags === ACK
  }

  /** It is the first of a packet from now on. */
  begin({ fragments, table: { fields } }: Packets, handle: number): void {
    this.size = this.length
    this.next = (this.seq + this.length) | 0
    this.count = 1
    const list = fields[(handle << PKT_SHIFT) + PKT_FRAGMENTS]
    this.last = list === 0 ? 0 : fragments.last(list)
  }

  /** Whether another segment has the same addresses and ports. */
  isSameConnection(u8: Uint8Array, one: SegmentFlow): boolean {
    if (this.v6 !== one.v6) return false
    const addresses = this.v6 ? 8 : 12
    return areSame(u8, this.network + addresses, one.network + addresses, this.transport + 4 - addresses)
  }

  /** Whether the segment, of the same connection, comes right behind this one, with headers that say nothing else. */
  continues(u8: Uint8Array, one: SegmentFlow): boolean {
    if (one.seq !== this.next || one.length === 0 || one.length > this.size || one.headers !== this.headers)
      return false
    if ((one.flags & ~(PSH | FIN)) !== ACK) return false
    // Type of service, whether it may be cut, hops; in IPv6 the flow label too.
    const isAlike = this.v6
      ? areSame(u8, this.network, one.network, 4) && u8[this.network + 7] === u8[one.network + 7]
      : u8[this.network + 1] === u8[one.network + 1] && areSame(u8, this.network + 6, one.network + 6, 3)
    if (!isAlike || !areSame(u8, this.mac, one.mac, ETHERNET_HEADER - 2)) return false
    const a = this.network + this.transport
    const b = one.network + one.transport
    const options = this.headers - this.transport - TCP_HEADER
    return areSame(u8, a + 8, b + 8, 4) && areSame(u8, a + TCP_HEADER, b + TCP_HEADER, options)
  }
}

function areSame(u8: Uint8Array, a: number, b: number, length: number): boolean {
  for (let n = 0; n < length; n++) if (u8[a + n] !== u8[b + n]) return false
  return true
}

const be16 = (u8: Uint8Array, at: number): number => (u8[at] << 8) | u8[at + 1]
const be32 = (u8: Uint8Array, at: number): number =>
  (u8[at] << 24) | (u8[at + 1] << 16) | (u8[at + 2] << 8) | u8[at + 3]
