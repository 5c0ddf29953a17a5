const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

/**
 * Names are bytes to the kernel, and not all bytes are UTF-8. A byte that is not part of any character is read as the lone
 * surrogate U+DC80 to U+DCFF and written as that byte again, so that no name is lost.
 */
const ESCAPE = 0xdc00
const ESCAPED = /[\udc80-\udcff]/
// A lone one: in a pair it is the second half of a character.
const LONE = /(?<![\ud800-\udbff])[\udc80-\udcff]/g

/** Bytes of a string as UTF-8, without a NUL. */
export function encodeText(text: string): Uint8Array {
  const n = text.length
  for (let i = 0; i < n; i++) if (text.charCodeAt(i) > 127) return encodeWide(text)
  const bytes = new Uint8Array(n)
  for (let i = 0; i < n; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

function encodeWide(text: string): Uint8Array {
  if (!ESCAPED.test(text)) return encoder.encode(text)
  const bytes: number[] = []
  let from = 0
  for (const match of text.matchAll(LONE)) {
    bytes.push(...encoder.encode(text.slice(from, match.index)), match[0].charCodeAt(0) - ESCAPE)
    from = match.index + 1
  }
  bytes.push(...encoder.encode(text.slice(from)))
  return Uint8Array.from(bytes)
}

/** The string in `bytes[start, end)`, up to its first NUL if it has one. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  let stop = start
  let ascii = true
  while (stop < end && bytes[stop] !== 0) if (bytes[stop++] > 127) ascii = false
  if (!ascii) return decodeWide(bytes.slice(start, stop))
  let text = ''
  for (let i = start; i < stop; i++) text += String.fromCharCode(bytes[i])
  return text
}

function decodeWide(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    let text = ''
    for (let at = 0; at < bytes.length; ) {
      const length = characterAt(bytes, at)
      text += length > 0 ? decoder.decode(bytes.subarray(at, at + length)) : String.fromCharCode(ESCAPE + bytes[at])
      at += Math.max(length, 1)
    }
    return text
  }
}

/** Bytes of the character that begins at `at`; 0 if none does. */
function characterAt(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]
  const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  try {
    decoder.decode(bytes.subarray(at, at + length))
    return length
  } catch {
    return 0
  }
}
