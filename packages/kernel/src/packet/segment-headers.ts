import { fold, sumBytes } from './checksum.ts'
import {
  CSUM_MASK,
  CSUM_PARTIAL,
  GSO_UDP_TUNNEL,
  PKT_CSUM,
  PKT_CSUM_FIELD,
  PKT_DATA,
  PKT_GSO_TYPE,
  PKT_INNER_NETWORK,
  PKT_LENGTH,
  PKT_NETWORK,
  PKT_SHIFT,
  PKT_STATE,
  PKT_TRANSPORT,
} from './fields.ts'
import { isGsoTcp } from './offload.ts'
import type { Packets } from './packets.ts'

const IPV4_HEADER = 20
const IPV6_HEADER = 40
const UDP_HEADER = 8
const TCP_HEADER = 20
const PROTOCOL_TCP = 6
const PROTOCOL_UDP = 17
const TCP_CHECKSUM = 16
const UDP_CHECKSUM = 6

/** Bits of the 14th byte of a TCP header. */
const FIN_PSH = 0x09
const CWR = 0x80

/** Where the headers are that a packet's segments get, in bytes from its first one. */
export class SegmentHeaders {
  /** All of them together. */
  length = 0
  isTcp = false
  private outer = 0
  /** Of the network header inside a tunnel's; 0 if there is none. */
  private inner = 0
  private transport = 0
  private hasUdpTunnel = false

  /** Finds the headers of a packet, as far as they are linear; how many bytes must be linear, and 0 if it is malformed. Asked again
   *  with more linear bytes until it wants no more. */
  find(packets: Packets, handle: number, linear: number): number {
    const { fields, memory } = packets
    const i = handle << PKT_SHIFT
    const data = fields[i + PKT_DATA]
    this.isTcp = isGsoTcp(packets, handle)
    this.outer = fields[i + PKT_NETWORK] - data
    this.inner = fields[i + PKT_INNER_NETWORK] === 0 ? 0 : fields[i + PKT_INNER_NETWORK] - data
    this.hasUdpTunnel = this.inner !== 0 && (fields[i + PKT_GSO_TYPE] & GSO_UDP_TUNNEL) !== 0
    const ip = this.inner || this.outer
    if (ip <= 0) return 0
    const network = ip < linear && memory.u8[data + ip] >>> 4 === 6 ? IPV6_HEADER : IPV4_HEADER
    if (ip + network > linear) return ip + network
    this.transport = transportOf(memory.u8, data, ip, linear, this.isTcp ? PROTOCOL_TCP : PROTOCOL_UDP)
    if (this.transport === 0) return 0
    const least = this.transport + (this.isTcp ? TCP_HEADER : UDP_HEADER)
    if (least > linear) return least
    const header = this.isTcp ? (memory.u8[data + this.transport + 12] >>> 4) * 4 : UDP_HEADER
    if (header < (this.isTcp ? TCP_HEADER : UDP_HEADER)) return 0
    this.length = this.transport + header
    return this.length
  }

  /** Makes the copied headers those of segment number `n`, whose first payload byte is number `start`. */
  complete(packets: Packets, handle: number, n: number, start: number, isLast: boolean): void {
    const { fields, memory } = packets
    const i = handle << PKT_SHIFT
    const data = fields[i + PKT_DATA]
    const length = fields[i + PKT_LENGTH]
    const { u8, i32 } = memory
    completeNetwork(u8, i32, data + this.outer, length - this.outer, n)
    if (this.inner !== 0) completeNetwork(u8, i32, data + this.inner, length - this.inner, n)
    if (this.hasUdpTunnel) {
      const udp = transportOf(u8, data, this.outer, this.inner, PROTOCOL_UDP)
      if (udp !== 0) put16(u8, data + udp + 4, length - udp)
    }
    const at = data + this.transport
    fields[i + PKT_TRANSPORT] = at
    if (this.isTcp) completeTcp(u8, at, n, start, isLast)
    else put16(u8, at + 4, length - this.transport)
    this.leaveChecksum(packets, i, at, length - this.transport)
  }

  /** Leaves the checksum to whoever sends the segment: its field gets the sum of what is not sent. */
  private leaveChecksum({ fields, memory: { u8, i32 } }: Packets, i: number, at: number, length: number): void {
    const field = this.isTcp ? TCP_CHECKSUM : UDP_CHECKSUM
    const isWithout = !this.isTcp && u8[at + field] === 0 && u8[at + field + 1] === 0
    if (isWithout && (fields[i + PKT_STATE] & CSUM_MASK) !== CSUM_PARTIAL) return
    const ip = fields[i + PKT_DATA] + (this.inner || this.outer)
    const isIpv4 = u8[ip] >>> 4 === 4
    const addresses = isIpv4 ? sumBytes(u8, i32, ip + 12, 8) : sumBytes(u8, i32, ip + 8, 32)
    const pseudo = fold(addresses + (this.isTcp ? PROTOCOL_TCP : PROTOCOL_UDP) + (length >>> 16) + (length & 0xffff))
    put16(u8, at + field, pseudo)
    fields[i + PKT_STATE] = (fields[i + PKT_STATE] & ~CSUM_MASK) | CSUM_PARTIAL
    fields[i + PKT_CSUM] = at
    fields[i + PKT_CSUM_FIELD] = field
  }
}

const put16 = (u8: Uint8Array, at: number, value: number): void => {
  u8[at] = value >>> 8
  u8[at + 1] = value
}

/** Offset from `data` of the header of `protocol` behind the IP header at `ip`; 0 if there is another one, or it is cut off. */
function transportOf(u8: Uint8Array, data: number, ip: number, end: number, protocol: number): number {
  const at = data + ip
  if (u8[at] >>> 4 === 4) return u8[at + 9] === protocol ? ip + (u8[at] & 0xf) * 4 : 0
  let next = u8[at + 6]
  let offset = ip + IPV6_HEADER
  while (next === HOP_BY_HOP || next === ROUTING || next === DESTINATION) {
    if (offset + 8 > end) return 0
    next = u8[data + offset]
    offset += (u8[data + offset + 1] + 1) * 8
  }
  return next === protocol ? offset : 0
}
const HOP_BY_HOP = 0
const ROUTING = 43
const DESTINATION = 60

/** `length`: of the packet from this header on. */
function completeNetwork(u8: Uint8Array, i32: Int32Array, at: number, length: number, n: number): void {
  if (u8[at] >>> 4 === 6) {
    put16(u8, at + 4, length - IPV6_HEADER)
    return
  }
  put16(u8, at + 2, length)
  put16(u8, at + 4, ((u8[at + 4] << 8) | u8[at + 5]) + n)
  put16(u8, at + 10, 0)
  put16(u8, at + 10, fold(sumBytes(u8, i32, at, Math.max(IPV4_HEADER, (u8[at] & 0xf) * 4))) ^ 0xffff)
}

/** Each segment has a sequence number of its own; the last one ends what the packet ends, the first one alone answers congestion. */
function completeTcp(u8: Uint8Array, at: number, n: number, start: number, isLast: boolean): void {
  const sequence = ((u8[at + 4] << 24) | (u8[at + 5] << 16) | (u8[at + 6] << 8) | u8[at + 7]) + start
  put16(u8, at + 4, sequence >>> 16)
  put16(u8, at + 6, sequence)
  if (!isLast) u8[at + 13] &= ~FIN_PSH
  if (n > 0) u8[at + 13] &= ~CWR
}
