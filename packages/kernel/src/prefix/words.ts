/**
 * An IP address as numbers of 32 bits, signed, the first bits first: one word for IPv4, four for IPv6. Signed, because those
 * are the numbers that the engine keeps without a box.
 */
export type Words = Int32Array

/** The first `length` bits of a word, set. Lengths below 0 and above 32 count as those. */
export const leading = (length: number): number => (length <= 0 ? 0 : length >= 32 ? -1 : -1 << (32 - length))

/** A copy of which only the first `length` bits are kept. */
export function masked(words: Words, length: number): Words {
  const copy = words.slice()
  for (let i = 0; i < copy.length; i++) copy[i] &= leading(length - 32 * i)
  return copy
}

/** Whether the first `length` bits are the same. */
export function hasPrefix(words: Words, prefix: Words, length: number): boolean {
  for (let i = 0; 32 * i < length; i++) if (((words[i] ^ prefix[i]) & leading(length - 32 * i)) !== 0) return false
  return true
}

export function sameWords(a: Words | undefined, b: Words | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

export function isZero(words: Words): boolean {
  for (const word of words) if (word !== 0) return false
  return true
}

/** Reads `count` words in network order. */
export function readWords(bytes: Uint8Array, at: number, count: number): Words {
  const words = new Int32Array(count)
  for (let i = 0; i < count; i++, at += 4) {
    words[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]
  }
  return words
}

/** The bytes in network order. */
export function bytesOf(words: Words): Uint8Array {
  const bytes = new Uint8Array(4 * words.length)
  for (let i = 0; i < words.length; i++) {
    bytes[4 * i] = words[i] >>> 24
    bytes[4 * i + 1] = words[i] >>> 16
    bytes[4 * i + 2] = words[i] >>> 8
    bytes[4 * i + 3] = words[i]
  }
  return bytes
}

/** Below 0 where `a` comes first, as unsigned numbers. */
export function compareWords(a: Words, b: Words): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] >>> 0 < b[i] >>> 0 ? -1 : 1
  return 0
}
