const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** UTF-8 bytes of a string, without a NUL. */
export function encodeText(text: string): Uint8Array {
  const n = text.length
  for (let i = 0; i < n; i++) if (text.charCodeAt(i) > 127) return encoder.encode(text)
  const bytes = new Uint8Array(n)
  for (let i = 0; i < n; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

/** The string in `bytes[start, end)`, up to its first NUL if it has one. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  let stop = start
  let ascii = true
  while (stop < end && bytes[stop] !== 0) if (bytes[stop++] > 127) ascii = false
  if (!ascii) return decoder.decode(bytes.slice(start, stop))
  let text = ''
  for (let i = start; i < stop; i++) text += String.fromCharCode(bytes[i])
  return text
}
