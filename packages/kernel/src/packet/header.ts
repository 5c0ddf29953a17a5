import { leaveSum } from './complete-sum.ts'
import { makeLinear, makeWritable } from './edit.ts'
import * as layout from './fields.ts'
import type { Packets } from './packets.ts'

// Engines fold constants of the own module, not imported ones.
const {
  META_MASK,
  META_SHIFT,
  PKT_DATA,
  PKT_LENGTH,
  PKT_LINEAR,
  PKT_MAC,
  PKT_NETWORK,
  PKT_SHIFT,
  PKT_STATE,
  PKT_TRANSPORT,
} = layout

// Bytes put into, or taken out of, the headers of a packet whose data begins with its link-layer header. What lies before them moves,
// metadata included.

const metadataOf = ({ fields }: Packets, handle: number): number =>
  (fields[(handle << PKT_SHIFT) + PKT_STATE] & META_MASK) >>> META_SHIFT

/** Makes room for `bytes` zeros at `offset`; false without memory. Bytes of zero do not change the sum over the packet. */
export function insertHeader(packets: Packets, handle: number, offset: number, bytes: number): boolean {
  const metadata = metadataOf(packets, handle)
  if (!makeWritable(packets, handle, metadata + bytes)) return false
  const { fields, memory } = packets
  const i = handle << PKT_SHIFT
  const data = fields[i + PKT_DATA] - bytes
  fields[i + PKT_DATA] = data
  fields[i + PKT_LINEAR] += bytes
  fields[i + PKT_LENGTH] += bytes
  moveDown(memory.u8, data - metadata, data - metadata + bytes, metadata + offset)
  memory.fill(data + offset, 0, bytes)
  moveHeaders(fields, i, -bytes)
  return true
}

/** Takes `bytes` out at `offset`; false when the packet is shorter or bytes cannot be read, or without memory. */
export function removeHeader(packets: Packets, handle: number, offset: number, bytes: number): boolean {
  if (!makeLinear(packets, handle, offset + bytes) || !makeWritable(packets, handle)) return false
  leaveSum(packets, handle, offset, bytes, 0)
  const { fields, memory } = packets
  const i = handle << PKT_SHIFT
  const data = fields[i + PKT_DATA]
  const metadata = metadataOf(packets, handle)
  moveUp(memory.u8, data - metadata + bytes, data - metadata, metadata + offset)
  fields[i + PKT_DATA] = data + bytes
  fields[i + PKT_LINEAR] -= bytes
  fields[i + PKT_LENGTH] -= bytes
  moveHeaders(fields, i, bytes)
  return true
}

/** Link-layer and network header have moved; a transport header only where it is still the network header's. */
function moveHeaders(fields: Int32Array, i: number, by: number): void {
  const same = fields[i + PKT_TRANSPORT] === fields[i + PKT_NETWORK]
  fields[i + PKT_MAC] += by
  fields[i + PKT_NETWORK] += by
  if (same) fields[i + PKT_TRANSPORT] = fields[i + PKT_NETWORK]
}

function moveDown(u8: Uint8Array, to: number, from: number, length: number): void {
  for (let i = 0; i < length; i++) u8[to + i] = u8[from + i]
}

function moveUp(u8: Uint8Array, to: number, from: number, length: number): void {
  for (let i = length - 1; i >= 0; i--) u8[to + i] = u8[from + i]
}

/** Puts `bytes` zeros before the packet; its link-layer header begins there from now on. False without memory. */
export function prependZeros(packets: Packets, handle: number, bytes: number): boolean {
  const metadata = metadataOf(packets, handle)
  if (!makeWritable(packets, handle, metadata + bytes)) return false
  const { fields, memory } = packets
  const i = handle << PKT_SHIFT
  const start = fields[i + PKT_DATA] - metadata
  moveDown(memory.u8, start - bytes, start, metadata)
  fields[i + PKT_DATA] -= bytes
  fields[i + PKT_LINEAR] += bytes
  fields[i + PKT_LENGTH] += bytes
  fields[i + PKT_MAC] = fields[i + PKT_DATA]
  memory.fill(fields[i + PKT_DATA], 0, bytes)
  return true
}
