import { fromHex } from '@netkit/netlink'
import type { Value } from '../../grammar/value.ts'

const PAIRS = /^\s*(0x)?([\da-f]{2}\s*)*$/i

/** Bytes of text that is pairs of hexadecimal digits with blanks anywhere between; undefined for other text. */
export const bytesOfHex = (text: string): Uint8Array | undefined =>
  PAIRS.test(text) ? fromHex(text.trim().replace(/^0x/i, '')) : undefined

/** Bytes as pairs of hexadecimal digits. */
export const hexBytes = (name: string): Value<Uint8Array> => ({
  name,
  allowed: 'pairs of hexadecimal digits such as 0a00ff or "0a 00 ff"',
  parse: bytesOfHex,
})
