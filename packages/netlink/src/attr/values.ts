import { DecodeError } from '../bytes/data.ts'
import { fromHex, toHex } from '../bytes/hex.ts'
import { decodeText, encodeText } from '../bytes/text.ts'
import type { Codec } from './codec.ts'
import type { Policy } from './policy.ts'

/** A codec with another policy. */
export const checked = <T>(codec: Codec<T>, policy: Policy): Codec<T> => ({ ...codec, policy })

/** A codec whose unsigned values must lie in a range, as the kernel checks it. */
export const ranged = <T>(codec: Codec<T>, range: { min?: number | bigint; max?: number | bigint }): Codec<T> =>
  checked(codec, {
    ...codec.policy,
    min: range.min === undefined ? undefined : BigInt(range.min),
    max: range.max === undefined ? undefined : BigInt(range.max),
  } as Policy)

/** A NUL-terminated string on the wire. `max`: most bytes without the NUL that a kernel takes. */
export const string = (max?: number, type: 'string' | 'nul-string' = 'string'): Codec<string> => ({
  kind: 'string',
  policy: { type, max },
  encode(text, w) {
    if (text.includes('\0')) throw new RangeError(`a string with a NUL in it: ${JSON.stringify(text)}`)
    w.raw(encodeText(text)).u8(0)
  },
  decode: (data, start, end) => decodeText(data.bytes, start, end),
})

/** Bytes as they are. `size`: limits that a kernel checks. */
export const binary = (size: { min?: number; max?: number } = {}): Codec<Uint8Array> => ({
  kind: 'binary',
  policy: { type: 'binary', ...size },
  encode: (bytes, w) => void w.raw(bytes),
  decode: (data, start, end) => data.part(start, end),
})

/** A hardware address, written as `02:00:00:00:00:01`. Six bytes on Ethernet; other lengths survive. */
export const hardwareAddress: Codec<string> = {
  kind: 'address',
  policy: { type: 'binary', max: 32 },
  encode: (text, w) => void w.raw(fromHex(text)),
  decode: (data, start, end) => toHex(data.bytes.subarray(start, end), ':'),
}

/** Present or absent, without a payload. Absent is `undefined`; only `true` is sent. */
export const flag: Codec<true> = {
  kind: 'flag',
  policy: { type: 'flag' },
  encode: () => undefined,
  decode(_data, start, end) {
    if (end !== start) throw new DecodeError(start, `flag with ${end - start} bytes of payload`)
    return true
  },
}

/** The number that a name stands for. Only the table's own names count, not those that every object has. */
function numberOf(names: Readonly<Record<string, number>>, name: string): number {
  if (Object.hasOwn(names, name)) return names[name]
  throw new RangeError(`'${name}' is none of ${Object.keys(names).join(', ')}`)
}

/** A number with names. Numbers without a name stay numbers, both ways. */
export const enumOf = <const M extends Readonly<Record<string, number>>>(
  base: Codec<number>,
  names: M,
  policy: Policy = base.policy,
): Codec<keyof M | number> => {
  const known = new Map(Object.entries(names).map(([k, n]) => [n, k as keyof M]))
  return {
    kind: `enum ${base.kind}`,
    policy,
    names,
    encode: (x, w) => base.encode(typeof x === 'number' ? x : numberOf(names, String(x)), w),
    decode(data, start, end) {
      const n = base.decode(data, start, end)
      return known.get(n) ?? n
    },
  }
}

/** A set of bits with names, as the list of those that are set; each unnamed bit is listed as a number. */
export const bitsOf = <const M extends Readonly<Record<string, number>>>(
  base: Codec<number> | Codec<bigint>,
  names: M,
  policy: Policy = base.policy,
): Codec<readonly (keyof M | number)[]> => {
  const wide = base.kind === 'u64'
  return {
    kind: `flags ${base.kind}`,
    policy,
    names,
    encode(list, w) {
      let bits = 0n
      for (const x of list) bits |= BigInt(typeof x === 'number' ? x : numberOf(names, String(x)))
      ;(base as Codec<number | bigint>).encode(wide ? bits : Number(bits), w)
    },
    decode(data, start, end) {
      let bits = BigInt(base.decode(data, start, end))
      const list: (keyof M | number)[] = []
      for (const [name, bit] of Object.entries(names)) {
        if ((bits & BigInt(bit)) !== 0n) {
          list.push(name)
          bits &= ~BigInt(bit)
        }
      }
      // One by one, as together they may be more than a number holds exactly.
      for (let bit = 1n; bits !== 0n; bit <<= 1n) {
        if ((bits & bit) === 0n) continue
        list.push(Number(bit))
        bits &= ~bit
      }
      return list
    },
  }
}
