import { SUM_STEP } from './copy-module.ts'
import * as layout from './fields.ts'
import type { PacketMemory } from './memory.ts'
import type { Packets } from './packets.ts'

// Engines fold constants of the own module, not imported ones.
const {
  CSUM_COMPLETE,
  CSUM_MASK,
  CSUM_NONE,
  CSUM_PARTIAL,
  CSUM_UNNECESSARY,
  FLAG_UNREADABLE,
  PKT_CSUM,
  PKT_CSUM_FIELD,
  PKT_DATA,
  PKT_FRAGMENTS,
  PKT_LINEAR,
  PKT_NETWORK,
  PKT_SHIFT,
  PKT_STATE,
} = layout

// Internet checksums (RFC 1071). A sum is kept unfolded, as a number below 2^53; words count in network order.

/** A sum with its carries added: 16 bits. */
export const fold = (sum: number): number => {
  let low = sum
  while (low > 0xffff_ffff) low = (low % 0x1_0000_0000) + Math.floor(low / 0x1_0000_0000)
  low = (low & 0xffff) + (low >>> 16)
  return (low & 0xffff) + (low >>> 16)
}

/** Exchanges the bytes of a folded sum: what an odd number of bytes before it does to it. */
const swapped = (sum: number): number => ((sum & 0xff) << 8) | (sum >>> 8)

/** Sum of the words of `length` bytes of packet memory; an odd last byte counts as if a zero followed. */
export function sumBytes(u8: Uint8Array, i32: Int32Array, at: number, length: number): number {
  let sum = 0
  const end = at + length
  let i = at
  if (length >= 16) {
    const lead = -at & 3
    for (const stop = at + (lead & ~1); i < stop; i += 2) sum += (u8[i] << 8) | u8[i + 1]
    if ((lead & 1) === 0) {
      let low = 0
      let high = 0
      for (const stop = end >> 2; i >> 2 < stop; i += 4) {
        const word = i32[i >> 2]
        low += word & 0xffff
        high += word >>> 16
      }
      sum += swapped(fold(low + high))
    }
  }
  for (; i + 1 < end; i += 2) sum += (u8[i] << 8) | u8[i + 1]
  return i < end ? sum + (u8[i] << 8) : sum
}

/** From so many bytes on a call into WebAssembly pays. */
const LONG = 256

/** The same for many bytes. */
function sumLong(memory: PacketMemory, at: number, length: number): number {
  const { sum, u8, i32 } = memory
  if (length < LONG || sum === undefined) return sumBytes(u8, i32, at, length)
  const end = at + length - (length % SUM_STEP)
  return swapped(fold(sum(at, end))) + sumBytes(u8, i32, end, at + length - end)
}

/** Sum over the packet from `offset` (counted from its first byte) to its end, fragments included; -1 where they cannot be
 *  read. */
export function sumPacket(packets: Packets, handle: number, offset: number): number {
  const { fields, fragments, memory } = packets
  const i = handle << PKT_SHIFT
  const linear = fields[i + PKT_LINEAR]
  let fragment = fields[i + PKT_FRAGMENTS]
  if (fragment !== 0 && (fields[i + PKT_STATE] & FLAG_UNREADABLE) !== 0) return -1
  let skip = offset
  let sum = 0
  let odd = false
  if (skip < linear) {
    sum = sumLong(memory, fields[i + PKT_DATA] + skip, linear - skip)
    odd = ((linear - skip) & 1) !== 0
    skip = 0
  } else skip -= linear
  for (; fragment !== 0; fragment = fragments.next(fragment)) {
    const length = fragments.length(fragment)
    if (skip >= length) {
      skip -= length
      continue
    }
    const part = fold(sumLong(memory, fragments.offset(fragment) + skip, length - skip))
    sum += odd ? swapped(part) : part
    odd = odd !== (((length - skip) & 1) !== 0)
    skip = 0
  }
  return sum
}

/** Completes a checksum that was left to the device: that of CSUM_PARTIAL. False if bytes cannot be read. */
export function completeChecksum(packets: Packets, handle: number): boolean {
  const { fields } = packets.table
  const i = handle << PKT_SHIFT
  if ((fields[i + PKT_STATE] & CSUM_MASK) !== CSUM_PARTIAL) return true
  fields[i + PKT_STATE] = (fields[i + PKT_STATE] & ~CSUM_MASK) | CSUM_NONE
  const from = fields[i + PKT_CSUM]
  const field = from + fields[i + PKT_CSUM_FIELD]
  const sum = sumPacket(packets, handle, from - fields[i + PKT_DATA])
  if (sum < 0) return false
  const { u8 } = packets.memory
  // 0 would say that there is no checksum.
  const value = fold(sum) ^ 0xffff || 0xffff
  u8[field] = value >>> 8
  u8[field + 1] = value
  return true
}

/**
 * Whether the transport checksum of a packet is right, as far as its state demands a look: not where a device verified it, nor
 * where the packet never left this kernel. `offset` of the transport header in the packet, `pseudo` the sum of the header
 * that is not sent. Bytes that cannot be read were verified by the device, or are wrong.
 */
export function checksumOk(packets: Packets, handle: number, offset: number, pseudo: number): boolean {
  const { fields } = packets.table
  const i = handle << PKT_SHIFT
  const state = fields[i + PKT_STATE] & CSUM_MASK
  if (state === CSUM_UNNECESSARY || state === CSUM_PARTIAL) return true
  const sum = state === CSUM_COMPLETE ? completeSum(packets, i, offset) : sumPacket(packets, handle, offset)
  if (sum < 0 || fold(sum + pseudo) !== 0xffff) return false
  fields[i + PKT_STATE] = (fields[i + PKT_STATE] & ~CSUM_MASK) | CSUM_UNNECESSARY
  return true
}

/** The sum that the device gave, less what stands between the network header and `offset`. */
function completeSum(packets: Packets, i: number, offset: number): number {
  const { fields } = packets.table
  const { u8, i32 } = packets.memory
  const network = fields[i + PKT_NETWORK]
  const before = sumBytes(u8, i32, network, fields[i + PKT_DATA] + offset - network)
  // Devices sum words in the machine's order, as programs do.
  return swapped(fold(fields[i + PKT_CSUM] >>> 0)) + (fold(before) ^ 0xffff)
}
