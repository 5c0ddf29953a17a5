import { makeWritable, push } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { put16, put32, writeV6 } from '../core/address.ts'
import { DST, type Flow, SRC } from '../core/flow.ts'
import { IP6_HEADER } from '../core/headers.ts'
import type { IpStack } from '../core/stack.ts'

// Engines fold constants of the own module, not imported ones.
const { PKT_DATA, PKT_LENGTH, PKT_NETWORK, PKT_SHIFT, PKT_TRANSPORT } = layout

/** Room for the headers that come before a transport header. */
const HEADROOM = IP6_HEADER + 14

/**
 * A flow label for packets that have none of their own: the same for the same addresses and protocol, and hard to guess.
 * Source: RFC 6437.
 */
function flowLabel(flow: Flow, secret: number): number {
  let hash = secret ^ flow.protocol
  for (let i = 0; i < 8; i++) hash = Math.imul(hash ^ flow.words[i], 0x9e3779b1) ^ (hash >>> 15)
  return (hash ^ (hash >>> 12)) & 0xfffff
}

/** Puts an IPv6 header before a packet that begins with its transport header. False without memory. */
export function putHeader6(
  stack: IpStack,
  flow: Flow,
  handle: number,
  hopLimit: number,
  trafficClass: number,
): boolean {
  const { packets } = stack
  if (!makeWritable(packets, handle, HEADROOM)) return false
  const length = packets.table.fields[(handle << PKT_SHIFT) + PKT_LENGTH]
  if (!push(packets, handle, IP6_HEADER)) return false
  const { fields } = packets.table
  const { u8 } = packets.memory
  const i = handle << PKT_SHIFT
  const at = fields[i + PKT_DATA]
  put32(u8, at, 0x60000000 | (trafficClass << 20) | flowLabel(flow, stack.secret))
  put16(u8, at + 4, length)
  u8[at + 6] = flow.protocol
  u8[at + 7] = hopLimit
  writeV6(u8, at + 8, flow.words, SRC)
  writeV6(u8, at + 24, flow.words, DST)
  fields[i + PKT_NETWORK] = at
  fields[i + PKT_TRANSPORT] = at + IP6_HEADER
  return true
}
