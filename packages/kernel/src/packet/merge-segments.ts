import { fold, sumBytes } from './checksum.ts'
import { isShared } from './edit.ts'
import * as layout from './fields.ts'
import type { Packets } from './packets.ts'
import { shareBuffer } from './pages.ts'
import { SegmentFlow } from './segment-flow.ts'

// Engines fold constants of the own module, not imported ones.
const {
  CSUM_MASK,
  CSUM_PARTIAL,
  FLAG_UNREADABLE,
  GSO_TCPV4,
  GSO_TCPV6,
  PKT_BUFFER,
  PKT_CSUM,
  PKT_CSUM_FIELD,
  PKT_DATA,
  PKT_FRAGMENTS,
  PKT_GSO,
  PKT_GSO_TYPE,
  PKT_HASH,
  PKT_LENGTH,
  PKT_LINEAR,
  PKT_NETWORK,
  PKT_SHIFT,
  PKT_STATE,
  PKT_TRANSPORT,
} = layout

const FIN_PSH = 0x09
const IPV6_HEADER = 40
const PROTOCOL_TCP = 6
const TCP_CHECKSUM = 16
/** Flows that are looked after at once, a power of two. */
const FLOWS = 8
const MOST_BYTES = 65_535

/**
 * Generic receive offload: of a batch, TCP segments that follow each other become one packet, which costs every hop only once. Fragments
 * move, payload stays where it is; a device that cannot send the whole cuts it into the same segments again.
 * Source: Linux, Documentation/networking/segmentation-offloads.rst, "Generic Receive Offload".
 */
export class SegmentMerger {
  private readonly flows = Array.from({ length: FLOWS }, () => new SegmentFlow())
  private candidate = new SegmentFlow()
  private inUse = false

  /**
   * Takes a packet with its link-layer header pulled, whose checksums the device has verified. True: it is now part of an earlier one.
   * `most4`, `most6`: bytes that a packet of IPv4 and of IPv6 may have from its network header on.
   */
  merge(packets: Packets, handle: number, most4: number, most6: number): boolean {
    const one = this.candidate
    const slot = packets.table.fields[(handle << PKT_SHIFT) + PKT_HASH] & (FLOWS - 1)
    const held = this.flows[slot]
    if (!one.read(packets, handle)) return false
    const isSame = held.handle >= 0 && held.isSameConnection(packets.memory.u8, one)
    const most = Math.min(one.v6 ? most6 : most4, MOST_BYTES)
    if (isSame && held.continues(packets.memory.u8, one) && append(packets, held, one, most)) {
      if (one.length < held.size || (one.flags & FIN_PSH) !== 0) close(packets, held)
      return true
    }
    if (held.handle >= 0) close(packets, held)
    if (!one.mayGrow || isShared(packets, handle)) return false
    this.candidate = held
    this.flows[slot] = one
    one.begin(packets, handle)
    this.inUse = true
    return false
  }

  /** The batch is complete: what was merged gets the headers of the whole. */
  finish(packets: Packets): void {
    if (!this.inUse) return
    this.inUse = false
    for (const held of this.flows) if (held.handle >= 0) close(packets, held)
  }
}

/** Puts the payload of a segment behind that of an earlier one, by reference; false, and nothing has changed, where it does not fit. */
function append(packets: Packets, held: SegmentFlow, one: SegmentFlow, most: number): boolean {
  const { fragments } = packets
  const { fields } = packets.table
  const from = one.handle << PKT_SHIFT
  const to = held.handle << PKT_SHIFT
  if (fields[to + PKT_LENGTH] + one.length > most) return false
  if (((fields[from + PKT_STATE] ^ fields[to + PKT_STATE]) & FLAG_UNREADABLE) !== 0) return false
  const linear = fields[from + PKT_LINEAR] - one.headers
  const list = fields[from + PKT_FRAGMENTS]
  let first = list
  if (linear > 0) {
    first = shareBuffer(packets, fields[from + PKT_BUFFER], fields[from + PKT_DATA] + one.headers, linear)
    if (first === 0) return false
    fragments.link(first, list)
  }
  fields[from + PKT_FRAGMENTS] = 0
  fields[from + PKT_LENGTH] = fields[from + PKT_LINEAR]
  if (held.last === 0) fields[to + PKT_FRAGMENTS] = first
  else fragments.link(held.last, first)
  held.last = fragments.last(first)
  fields[to + PKT_LENGTH] += one.length
  held.next = (held.next + one.length) | 0
  held.count++
  held.flags |= one.flags & FIN_PSH
  packets.free(one.handle)
  return true
}

/** Nothing more comes to a packet. */
function close(packets: Packets, held: SegmentFlow): void {
  const { handle } = held
  held.handle = -1
  if (held.count === 1) return
  const { fields } = packets.table
  const { u8, i32 } = packets.memory
  const i = handle << PKT_SHIFT
  const network = fields[i + PKT_NETWORK]
  const transport = network + held.transport
  const length = fields[i + PKT_LENGTH]
  if (held.v6) put16(u8, network + 4, length - IPV6_HEADER)
  else {
    put16(u8, network + 2, length)
    put16(u8, network + 10, 0)
    put16(u8, network + 10, ~fold(sumBytes(u8, i32, network, held.transport)))
  }
  u8[transport + 13] = held.flags
  fields[i + PKT_TRANSPORT] = transport
  fields[i + PKT_GSO] = held.size | (held.count << 16)
  fields[i + PKT_GSO_TYPE] = held.v6 ? GSO_TCPV6 : GSO_TCPV4
  const addresses = held.v6 ? sumBytes(u8, i32, network + 8, 32) : sumBytes(u8, i32, network + 12, 8)
  put16(u8, transport + TCP_CHECKSUM, fold(addresses + PROTOCOL_TCP + length - held.transport))
  fields[i + PKT_STATE] = (fields[i + PKT_STATE] & ~CSUM_MASK) | CSUM_PARTIAL
  fields[i + PKT_CSUM] = transport
  fields[i + PKT_CSUM_FIELD] = TCP_CHECKSUM
}

const put16 = (u8: Uint8Array, at: number, value: number): void => {
  u8[at] = value >>> 8
  u8[at + 1] = value
}
