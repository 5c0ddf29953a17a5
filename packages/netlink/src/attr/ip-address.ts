import { DecodeError } from '../bytes/data.ts'
import type { Codec } from './codec.ts'
import type { Policy } from './policy.ts'

const V4 = 4
const V6 = 16

/** `10.0.0.1`, `2001:db8::1`: the text of an address of 4 or 16 bytes, as RFC 5952 writes it. */
export function ipText(bytes: Uint8Array): string {
  if (bytes.length === V4) return bytes.join('.')
  const words = Array.from({ length: 8 }, (_, i) => (bytes[2 * i] << 8) | bytes[2 * i + 1])
  if (words.slice(0, 5).every((w) => w === 0) && words[5] === 0xffff) return `::ffff:${bytes.slice(12).join('.')}`
  let best = { at: -1, length: 1 }
  for (let at = 0; at < 8; at++) {
    let length = 0
    while (at + length < 8 && words[at + length] === 0) length++
    if (length > best.length) best = { at, length }
    at += length
  }
  const hex = words.map((w) => w.toString(16))
  if (best.at < 0) return hex.join(':')
  return `${hex.slice(0, best.at).join(':')}::${hex.slice(best.at + best.length).join(':')}`
}

const V4_TEXT = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/

function v4Bytes(text: string): Uint8Array | undefined {
  const parts = V4_TEXT.exec(text)?.slice(1)
  if (!parts || parts.some((part) => Number(part) > 255 || (part.length > 1 && part[0] === '0'))) return undefined
  return Uint8Array.from(parts, Number)
}

function v6Groups(text: string): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [i, part] of parts.entries()) {
    const v4 = i === parts.length - 1 && part.includes('.') ? v4Bytes(part) : undefined
    if (v4) groups.push((v4[0] << 8) | v4[1], (v4[2] << 8) | v4[3])
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups
}

function v6Bytes(text: string): Uint8Array | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map(v6Groups)
  if (!head || (halves.length === 2 && !tail)) return undefined
  const zeros = 8 - head.length - (tail?.length ?? 0)
  if (tail ? zeros < 1 : zeros !== 0) return undefined
  const groups = [...head, ...new Array<number>(zeros).fill(0), ...(tail ?? [])]
  return Uint8Array.from(groups.flatMap((g) => [g >> 8, g & 0xff]))
}

/** The bytes of an address in text, 4 or 16 of them; undefined where it is none. */
export const ipBytes = (text: string): Uint8Array | undefined => v4Bytes(text) ?? v6Bytes(text)

/** An IP address, written as `10.0.0.1` or `2001:db8::1`. `policy`: what a kernel checks. */
export const ipAddress = (policy: Policy = { type: 'binary', max: V6 }): Codec<string> => ({
  kind: 'ip address',
  policy,
  encode(text, w) {
    const bytes = ipBytes(text)
    if (!bytes) throw new RangeError(`'${text}' is no IP address`)
    w.raw(bytes)
  },
  decode(data, start, end) {
    if (end - start !== V4 && end - start !== V6) throw new DecodeError(start, `an IP address of ${end - start} bytes`)
    return ipText(data.part(start, end))
  },
})
