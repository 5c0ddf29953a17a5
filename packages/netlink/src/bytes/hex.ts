const DIGITS = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, '0'))

/** Lower-case hexadecimal digits, two a byte, with an optional separator between bytes. */
export function toHex(bytes: Uint8Array, separator = ''): string {
  let text = ''
  for (let i = 0; i < bytes.length; i++) text += (i > 0 ? separator : '') + DIGITS[bytes[i]]
  return text
}

/** The bytes of a string of hexadecimal digits. Colons, dashes and white space between them are ignored. */
export function fromHex(text: string): Uint8Array {
  const digits = text.replace(/[\s:-]/g, '')
  if (digits.length % 2 !== 0 || /[^0-9a-fA-F]/.test(digits)) throw new TypeError(`not hexadecimal bytes: '${text}'`)
  const bytes = new Uint8Array(digits.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16)
  return bytes
}
