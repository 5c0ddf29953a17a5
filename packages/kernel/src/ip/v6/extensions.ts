import * as h from '../core/headers.ts'

/** An extension header, or what stands in its place, as the walk along the chain finds it. Reused. */
export interface Extensions {
  /** Number of the header that ends the walk: a transport, a fragment, "no next header" or one that we do not know. */
  next: number
  /** Its offset in packet memory; where the number of it stands. */
  at: number
  nextAt: number
  /** Offset of the byte at fault, 0 if none, and the code of "parameter problem"; -1: drop without a word. */
  faultAt: number
  faultCode: number
}

export const extensions: Extensions = { next: 0, at: 0, nextAt: 0, faultAt: 0, faultCode: 0 }

const PAD1 = 0
const ROUTER_ALERT = 5
const PADN = 1
/** Padding of one header option block at most. */
const MOST_PADDING = 7
/** More headers than this are a joke. */
const MOST_HEADERS = 8

/** Whether the number is that of an extension header that hosts walk over. */
const isExtension = (next: number): boolean =>
  next === h.PROTO_HOPOPTS || next === h.PROTO_ROUTING || next === h.PROTO_DSTOPTS

/**
 * Walks along the chain from the IPv6 header at `at` in `u8[.. end)`, checking options as it goes. False where a fault was
 * found. Source: RFC 8200 §4.
 */
export function walkExtensions(u8: Uint8Array, at: number, end: number, to: Extensions): boolean {
  to.nextAt = at + 6
  to.at = at + h.IP6_HEADER
  return walkFrom(u8, u8[at + 6], end, to, true)
}

/** Goes on from the header number `next` at `to.at`. `first`: a hop-by-hop header may stand here, and nowhere else. */
export function walkFrom(u8: Uint8Array, next: number, end: number, to: Extensions, first: boolean): boolean {
  to.faultAt = 0
  let hopByHop = first
  for (let n = 0; isExtension(next); n++) {
    if (n === MOST_HEADERS) return fault(to, 0, -1)
    if (next === h.PROTO_HOPOPTS && !hopByHop) return fault(to, to.nextAt, h.ICMP6_UNK_NEXTHDR)
    hopByHop = false
    const { at } = to
    if (at + 8 > end) return fault(to, 0, -1)
    const length = (u8[at + 1] + 1) << 3
    if (at + length > end) return fault(to, 0, -1)
    if (next === h.PROTO_ROUTING) {
      // No way of somebody else's choosing is gone: what is at its end may pass.
      if (u8[at + 3] !== 0) return fault(to, at + 2, h.ICMP6_HDR_FIELD)
    } else if (!optionsPass(u8, at, length, to)) return false
    next = u8[at]
    to.nextAt = at
    to.at = at + length
  }
  to.next = next
  return true
}

function fault(to: Extensions, at: number, code: number): boolean {
  to.faultAt = at
  to.faultCode = code
  return false
}

/** Options of a hop-by-hop or destination header; the two first bits of an unknown one say what becomes of the packet. */
function optionsPass(u8: Uint8Array, at: number, length: number, to: Extensions): boolean {
  let padding = 0
  for (let o = at + 2; o < at + length; ) {
    const type = u8[o]
    if (type === PAD1) {
      o++
      if (++padding > MOST_PADDING) return fault(to, 0, -1)
      continue
    }
    const size = o + 1 < at + length ? u8[o + 1] + 2 : 0
    if (size === 0 || o + size > at + length) return fault(to, 0, -1)
    if (type === PADN) {
      padding += size
      if (padding > MOST_PADDING) return fault(to, 0, -1)
      for (let n = 2; n < size; n++) if (u8[o + n] !== 0) return fault(to, 0, -1)
    } else {
      padding = 0
      if (type !== ROUTER_ALERT && type >>> 6 !== 0) {
        return type >>> 6 === 1 ? fault(to, 0, -1) : fault(to, o, h.ICMP6_UNK_OPTION)
      }
    }
    o += size
  }
  return true
}
