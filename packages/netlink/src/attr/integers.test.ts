import { assert, bigInt, integer, maxSafeNat, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Codec, Data, DecodeError, s8, s16, s32, s64, toHex, u8, u16, u32, u64, uint, Writer } from '../index.ts'

const encode = <T>(codec: Codec<T>, value: T): Uint8Array => {
  const w = new Writer()
  codec.encode(value, w)
  return w.take()
}
const decode = <T>(codec: Codec<T>, bytes: Uint8Array): T => codec.decode(new Data(bytes), 0, bytes.length)

const SMALL = [
  { codec: u8, size: 1, min: 0, max: 0xff },
  { codec: u16, size: 2, min: 0, max: 0xffff },
  { codec: u32, size: 4, min: 0, max: 0xffff_ffff },
  { codec: s8, size: 1, min: -0x80, max: 0x7f },
  { codec: s16, size: 2, min: -0x8000, max: 0x7fff },
  { codec: s32, size: 4, min: -0x8000_0000, max: 0x7fff_ffff },
]

describe.each(SMALL)('$codec.kind', ({ codec, size, min, max }) => {
  it('holds its range and nothing else', () => {
    assert(
      property(integer({ min, max: Math.min(max, 0x7fff_ffff) }), (n) => {
        expect(encode(codec, n)).toHaveLength(size)
        expect(decode(codec, encode(codec, n))).toBe(n)
      }),
    )
    for (const n of [min, max]) expect(decode(codec, encode(codec, n))).toBe(n)
    for (const n of [min - 1, max + 1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => encode(codec, n)).toThrow(new RangeError(`${n} does not fit into ${codec.kind}`))
    }
  })

  it(`takes exactly ${size} bytes`, () => {
    for (const wrong of [0, size - 1, size + 1]) {
      expect(() => decode(codec, new Uint8Array(wrong))).toThrow(
        new DecodeError(0, `${codec.kind} of ${wrong} bytes, expected ${size}`),
      )
    }
  })

  it('reads where it is told to', () => {
    const bytes = Uint8Array.of(9, 9, ...encode(codec, 1), 9)
    expect(codec.decode(new Data(bytes), 2, 2 + size)).toBe(1)
    expect(() => codec.decode(new Data(bytes), 2, 2 + size + 1)).toThrow('byte 2: ')
  })
})

describe('64 bits', () => {
  it.each([
    { codec: u64, min: 0n, max: (1n << 64n) - 1n },
    { codec: s64, min: -(1n << 63n), max: (1n << 63n) - 1n },
  ])('$codec.kind holds its range and nothing else', ({ codec, min, max }) => {
    assert(property(bigInt({ min, max }), (n) => void expect(decode(codec, encode(codec, n))).toBe(n)))
    for (const n of [min, max]) expect(decode(codec, encode(codec, n))).toBe(n)
    for (const n of [min - 1n, max + 1n]) expect(() => encode(codec, n)).toThrow(RangeError)
    expect(() => decode(codec, new Uint8Array(4))).toThrow(DecodeError)
  })

  it('s64 is two’s complement', () => {
    expect(toHex(encode(s64, -2n))).toBe('feffffffffffffff')
  })
})

describe('uint', () => {
  it('takes 4 bytes while they suffice, else 8', () => {
    expect(encode(uint, 0)).toHaveLength(4)
    expect(encode(uint, 0xffff_ffff)).toHaveLength(4)
    expect(encode(uint, 0x1_0000_0000)).toHaveLength(8)
    assert(property(maxSafeNat(), (n) => void expect(decode(uint, encode(uint, n))).toBe(n)))
  })

  it('reads both widths, whatever the value', () => {
    expect(decode(uint, Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0))).toBe(5)
    expect(() => decode(uint, new Uint8Array(2))).toThrow('uint of 2 bytes, expected 8')
  })

  it('is rounded beyond 2^53, but stays below 2^64 and survives', () => {
    for (const n of [(1n << 64n) - 1n, (1n << 64n) - 1025n, (1n << 53n) + 1n]) {
      const rounded = decode(uint, encode(u64, n))
      expect(rounded).toBeLessThan(2 ** 64)
      expect(decode(uint, encode(uint, rounded))).toBe(rounded)
    }
  })

  it('refuses what is no unsigned number of 64 bits', () => {
    for (const n of [-1, 0.5, 2 ** 64, Number.NaN]) expect(() => encode(uint, n)).toThrow(RangeError)
  })
})
