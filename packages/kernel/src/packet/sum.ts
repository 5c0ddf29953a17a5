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
export const rotated = (sum: number): number => (sum << 8) | (sum >>> 24)

/** The sum of bytes in memory, 16 bits wide. `length` up to 16 MiB. */
export function sumBytes(u8: Uint8Array, at: number, length: number): number {
  let low = 0
  let high = 0
  const end = at + (length & ~1)
  for (let i = at; i < end; i += 2) {
    low += u8[i]
    high += u8[i + 1]
  }
  if ((length & 1) !== 0) low += u8[end]
  // Both stay far below 2^53.
  let sum = low + high * 256
  while (sum > 0xffff) sum = (sum % 0x1_0000) + Math.floor(sum / 0x1_0000)
  return sum
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
    sum = addSums(sum, (done & 1) !== 0 ? rotated(part) : part)
    done += bytes
    skip = 0
  }
  return sum
}
