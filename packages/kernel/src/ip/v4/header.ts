import { fold, sumBytes } from '../../packet/checksum.ts'
import { makeWritable, push } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { put16, put32 } from '../core/address.ts'
import { DST, type Flow, SRC } from '../core/flow.ts'
import { IP4_HEADER } from '../core/headers.ts'
import type { IpStack } from '../core/stack.ts'

// Engines fold constants of the own module, not imported ones.
const { PKT_DATA, PKT_LENGTH, PKT_NETWORK, PKT_SHIFT, PKT_TRANSPORT } = layout

/** Room for the headers that come before a transport header. */
const HEADROOM = IP4_HEADER + 14

/** Sum of an IPv4 header of `length` bytes; 0xffff if it is right. Small, as every packet comes this way. */
export function sumHeader4(u8: Uint8Array, i32: Int32Array, at: number, length: number): number {
  if ((at & 1) !== 0) return fold(sumBytes(u8, i32, at, length))
  // Words as they lie in memory, so with their bytes exchanged.
  const end = at + length
  let sum = (at & 2) === 0 ? 0 : i32[at >> 2] >>> 16
  for (let i = (at + 2) >> 2; i < end >> 2; i++) {
    const word = i32[i]
    sum += (word & 0xffff) + (word >>> 16)
  }
  if ((end & 2) !== 0) sum += i32[end >> 2] & 0xffff
  sum = (sum & 0xffff) + (sum >>> 16)
  sum = (sum & 0xffff) + (sum >>> 16)
  return ((sum & 0xff) << 8) | (sum >>> 8)
}

/** Writes the checksum of the header at `at`. */
export const checkHeader4 = (u8: Uint8Array, i32: Int32Array, at: number, length: number): void => {
  put16(u8, at + 10, 0)
  put16(u8, at + 10, sumHeader4(u8, i32, at, length) ^ 0xffff)
}

/** What a header of our own says besides the addresses. */
export interface Header4 {
  ttl: number
  tos: number
  id: number
  /** The word of DF, MF and the fragment offset. */
  fragment: number
}

/** Puts an IPv4 header before a packet that begins with its transport header. False without memory. */
export function putHeader4(stack: IpStack, flow: Flow, handle: number, header: Header4): boolean {
  const { packets } = stack
  if (!makeWritable(packets, handle, HEADROOM) || !push(packets, handle, IP4_HEADER)) return false
  const { fields } = packets.table
  const { u8, i32 } = packets.memory
  const i = handle << PKT_SHIFT
  const at = fields[i + PKT_DATA]
  put32(u8, at, 0x45000000 | (header.tos << 16) | fields[i + PKT_LENGTH])
  put16(u8, at + 4, header.id)
  put16(u8, at + 6, header.fragment)
  u8[at + 8] = header.ttl
  u8[at + 9] = flow.protocol
  put32(u8, at + 12, flow.words[SRC + 3])
  put32(u8, at + 16, flow.words[DST + 3])
  checkHeader4(u8, i32, at, IP4_HEADER)
  fields[i + PKT_NETWORK] = at
  fields[i + PKT_TRANSPORT] = at + IP4_HEADER
  return true
}
