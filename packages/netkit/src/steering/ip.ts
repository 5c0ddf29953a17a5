/** The bytes of an address as text, IPv4 or IPv6; undefined if it is neither. */
export function parseIp(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  const bytes = new Uint8Array(4)
  for (const [i, part] of parts.entries()) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined
    bytes[i] = Number(part)
  }
  return bytes
}

/** `::` stands once for as many zeros as are missing; the last 32 bits may be written as IPv4. */
function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const sides = halves.map((half) => (half === '' ? [] : half.split(':')))
  const words = sides.map((side, i) => wordsOf(side, i === sides.length - 1))
  const [left, right] = words
  if (!left || (halves.length === 2 && !right)) return undefined
  const missing = 8 - left.length - (right?.length ?? 0)
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const all = [...left, ...new Array<number>(halves.length === 2 ? missing : 0).fill(0), ...(right ?? [])]
  const bytes = new Uint8Array(16)
  for (const [i, word] of all.entries()) {
    bytes[2 * i] = word >> 8
    bytes[2 * i + 1] = word & 255
  }
  return bytes
}

function wordsOf(groups: readonly string[], atEnd: boolean): number[] | undefined {
  const words: number[] = []
  for (const [i, group] of groups.entries()) {
    const v4 = atEnd && i === groups.length - 1 && group.includes('.') ? parseIpv4(group) : undefined
    if (v4) words.push((v4[0] << 8) | v4[1], (v4[2] << 8) | v4[3])
    else if (/^[0-9a-fA-F]{1,4}$/.test(group)) words.push(Number.parseInt(group, 16))
    else return undefined
  }
  return words
}

/** An address as text, of 4 or 16 bytes; IPv6 as RFC 5952 wants it. */
export function formatIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  const words = Array.from({ length: 8 }, (_, i) => (bytes[2 * i] << 8) | bytes[2 * i + 1])
  let start = -1
  let longest = 1 // one zero alone is not shortened
  for (let i = 0; i < 8; i++) {
    let n = 0
    while (i + n < 8 && words[i + n] === 0) n++
    if (n > longest) {
      longest = n
      start = i
    }
  }
  const text = (part: readonly number[]) => part.map((word) => word.toString(16)).join(':')
  return start < 0 ? text(words) : `${text(words.slice(0, start))}::${text(words.slice(start + longest))}`
}

/** The bytes of a mask with this many leading ones. */
export function prefixMask(length: number, bits: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => 0xff00 >> Math.min(8, Math.max(0, bits - 8 * i))).map((b) => b & 255)
}

/** How many leading ones a mask has; undefined if it is not of that form. */
export function prefixLength(mask: Uint8Array): number | undefined {
  const ones = mask.findIndex((byte) => byte !== 255)
  const bits = ones < 0 ? 8 * mask.length : 8 * ones + Math.clz32(~(mask[ones] << 24))
  return prefixMask(mask.length, bits).every((byte, i) => byte === mask[i]) ? bits : undefined
}
