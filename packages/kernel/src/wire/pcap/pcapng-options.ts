import { OPT_COMMENT, OPT_END } from './options.ts'

const encoder = new TextEncoder()

/** One option, ready to be written: whole words, padded with zeros. Little-endian, as all engines' arrays are. */
export const bytesOption = (code: number, bytes: Uint8Array): Int32Array => {
  if (bytes.length > 0xffff) throw new RangeError(`option ${code} has ${bytes.length} bytes; at most 65535 fit`)
  const words = new Int32Array(1 + ((bytes.length + 3) >> 2))
  words[0] = (bytes.length << 16) | code
  new Uint8Array(words.buffer).set(bytes, 4)
  return words
}

export const textOption = (code: number, value: string): Int32Array => {
  const bytes = encoder.encode(value)
  if (bytes.length <= 0xffff) return bytesOption(code, bytes)
  // Cut before the character that does not fit whole: continuation bytes begin with the bits 10.
  let end = 0xffff
  while ((bytes[end] & 0xc0) === 0x80) end--
  return bytesOption(code, bytes.subarray(0, end))
}

/** A comment, made once and written with as many packets as it is said of. */
export const commentOption = (text: string): Int32Array => textOption(OPT_COMMENT, text)

export const u64Option = (code: number, value: bigint): Int32Array => {
  const words = new Int32Array([(8 << 16) | code, 0, 0])
  words[1] = Number(BigInt.asIntN(32, value))
  words[2] = Number(BigInt.asIntN(32, value >> 32n))
  return words
}

/** Options as one list of words, with the end mark; nothing for no options. */
export const joinOptions = (options: readonly (Int32Array | undefined)[]): Int32Array => {
  const given = options.filter((option) => option !== undefined)
  if (given.length === 0) return new Int32Array(0)
  const words = new Int32Array(given.reduce((sum, option) => sum + option.length, 1))
  let at = 0
  for (const option of given) {
    words.set(option, at)
    at += option.length
  }
  words[at] = OPT_END
  return words
}
