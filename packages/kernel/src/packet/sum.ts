import { FLAG_UNREADABLE, PKT_DATA, PKT_FRAGMENTS, PKT_LINEAR, PKT_SHIFT, PKT_STATE } from './fields.ts'
import type { Packets } from './packets.ts'

// Internet checksums (RFC 1071) as Linux computes them: over 16-bit words as they lie in memory, so in the machine's byte order. A
// partial sum is 32 bits wide and means the same whichever way its carries are spread; only folded ones can be compared.

/** One's complement sum of two partial sums. */
export const addSums = (a: number, b: number): number => {
  const sum = (a >>> 0) + (b >>> 0)
  return (sum > 0xffff_ffff ? sum + 1 : sum) | 0
}

export const subtractSums = (a: number, b: number): number => addSums(a, ~b)

/** A partial sum in 16 bits, not inverted. */
export const fold = (sum: number): number => {
  const once = (sum & 0xffff) + (sum >>> 16)
  return (once & 0xffff) + (once >>> 16)
}

/** What a sum counts for when its first byte lies at an odd place. */
const rotated = (sum: number): number => (sum << 24) | (sum >>> 8)

/** Adds, or takes away, the sum of a block that lies at `offset` of what `sum` is about. */
export const addBlock = (sum: number, block: number, offset: number): number =>
  addSums(sum, (offset & 1) !== 0 ? rotated(block) : block)
export const subtractBlock = (sum: number, block: number, offset: number): number => addBlock(sum, ~block, offset)

/** The sum of bytes in memory, as of words of 32 bits: programs see which of the numbers that mean the same it is. At most 1 MiB. */
export function sumBytes(u8: Uint8Array, at: number, length: number, seed = 0): number {
  // Stays below 2^53: a double holds it exactly.
  let sum = seed >>> 0
  const end = at + (length & ~3)
  for (let i = at; i < end; i += 4) sum += (u8[i] | (u8[i + 1] << 8) | (u8[i + 2] << 16) | (u8[i + 3] << 24)) >>> 0
  for (let i = 0; i < (length & 3); i++) sum += u8[end + i] << (8 * i)
  while (sum > 0xffff_ffff) sum = (sum % 0x1_0000_0000) + Math.floor(sum / 0x1_0000_0000)
  return sum | 0
}

/** The sum of `length` bytes of a packet from `offset` on, fragments included; bytes that cannot be read count nothing. */
export function sumOf(packets: Packets, handle: number, offset: number, length: number): number {
  const { fields, fragments, memory } = packets
  const i = handle << PKT_SHIFT
  const linear = fields[i + PKT_LINEAR]
  let sum = 0
  let done = 0
  if (offset < linear) {
    done = Math.min(length, linear - offset)
    sum = sumBytes(memory.u8, fields[i + PKT_DATA] + offset, done)
  }
  if (done === length || (fields[i + PKT_STATE] & FLAG_UNREADABLE) !== 0) return sum
  let skip = Math.max(0, offset - linear)
  for (let fragment = fields[i + PKT_FRAGMENTS]; fragment !== 0 && done < length; fragment = fragments.next(fragment)) {
    const size = fragments.length(fragment)
    if (skip >= size) {
      skip -= size
      continue
    }
    const bytes = Math.min(length - done, size - skip)
    const part = sumBytes(memory.u8, fragments.offset(fragment) + skip, bytes)
    sum = addBlock(sum, part, done)
    done += bytes
    skip = 0
  }
  return sum
}
