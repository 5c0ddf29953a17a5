import { array, assert, constantFrom, integer, property, string as text, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  arrayOf,
  binary,
  bitsOf,
  type Codec,
  checked,
  Data,
  enumOf,
  flag,
  fromHex,
  hardwareAddress,
  ranged,
  string,
  toHex,
  u8,
  u16,
  u32,
  u64,
  uint,
  Writer,
} from '../index.ts'

const encode = <T>(codec: Codec<T>, value: T): Uint8Array => {
  const w = new Writer()
  codec.encode(value, w)
  return w.take()
}
const decode = <T>(codec: Codec<T>, bytes: Uint8Array): T => codec.decode(new Data(bytes), 0, bytes.length)

describe('strings', () => {
  it('are sent with a NUL and read with or without one', () => {
    expect(toHex(encode(string(), 'nk0'))).toBe('6e6b3000')
    expect(decode(string(), fromHex('6e6b3000'))).toBe('nk0')
    expect(decode(string(), fromHex('6e6b30'))).toBe('nk0')
    expect(decode(string(), fromHex('6e00ff00'))).toBe('n')
    expect(decode(string(), fromHex(''))).toBe('')
  })

  it('cannot hold a NUL', () => {
    expect(() => encode(string(), 'a\0b')).toThrow(new RangeError('a string with a NUL in it: "a\\u0000b"'))
  })

  it('survive', () => {
    assert(
      property(text({ unit: 'grapheme' }), (s) => {
        const clean = s.replaceAll('\0', '')
        expect(decode(string(), encode(string(), clean))).toBe(clean)
      }),
    )
  })

  it('tell a kernel how long they may be', () => {
    expect(string(15).policy).toEqual({ type: 'string', max: 15 })
    expect(string(127, 'nul-string').policy).toEqual({ type: 'nul-string', max: 127 })
  })
})

describe('bytes', () => {
  it('are copies, so that later changes do not show', () => {
    const source = Uint8Array.of(1, 2, 3)
    const value = decode(binary(), source)
    source.fill(0)
    expect(value).toEqual(Uint8Array.of(1, 2, 3))
  })

  it('survive', () => {
    assert(property(uint8Array(), (bytes) => void expect(decode(binary(), encode(binary(), bytes))).toEqual(bytes)))
  })
})

describe('hardware addresses', () => {
  it('are written with colons and read with any separator', () => {
    expect(decode(hardwareAddress, Uint8Array.of(2, 0, 0, 0, 0, 0xfe))).toBe('02:00:00:00:00:fe')
    expect(encode(hardwareAddress, '02-00-00-00-00-FE')).toEqual(Uint8Array.of(2, 0, 0, 0, 0, 0xfe))
  })

  it('of any length survive', () => {
    assert(
      property(uint8Array({ maxLength: 32 }), (bytes) => {
        expect(encode(hardwareAddress, decode(hardwareAddress, bytes))).toEqual(bytes)
      }),
    )
  })

  it('that are none are refused', () => {
    expect(() => encode(hardwareAddress, 'nonsense')).toThrow("not hexadecimal bytes: 'nonsense'")
  })
})

describe('flags without a payload', () => {
  it('are there or not', () => {
    expect(encode(flag, true)).toHaveLength(0)
    expect(decode(flag, new Uint8Array(0))).toBe(true)
    expect(() => decode(flag, new Uint8Array(1))).toThrow('byte 0: flag with 1 bytes of payload')
  })
})

describe('enums', () => {
  const mode = enumOf(u32, { l2: 0, l3: 1 })

  it('have names, and numbers where there is no name', () => {
    expect(decode(mode, encode(mode, 'l3'))).toBe('l3')
    expect(decode(mode, encode(mode, 1))).toBe('l3')
    assert(
      property(integer({ min: 2, max: 0x7fff_ffff }), (n) => {
        expect(decode(mode, encode(mode, n))).toBe(n)
      }),
    )
  })

  it('refuse names that they do not have, also those that every object has', () => {
    for (const name of ['l4', '', 'constructor', 'toString', '__proto__']) {
      expect(() => encode(mode, name as 'l2')).toThrow(new RangeError(`'${name}' is none of l2, l3`))
    }
    expect(() => encode(mode, -1)).toThrow('-1 does not fit into u32')
  })

  it('tell their names and are checked as their base, unless told otherwise', () => {
    expect(mode).toMatchObject({ kind: 'enum u32', names: { l2: 0, l3: 1 }, policy: { type: 'u32' } })
    expect(checked(mode, { type: 'u32', max: 1n }).policy).toEqual({ type: 'u32', max: 1n })
    expect(decode(checked(mode, { type: 'u32', max: 1n }), encode(mode, 'l2'))).toBe('l2')
  })
})

describe('sets of bits', () => {
  const names = { basic: 1, redirect: 2, zerocopy: 8 }
  const wide = bitsOf(u64, names)
  const narrow = bitsOf(u32, names)

  it('list names, then each bit without a name', () => {
    expect(decode(narrow, fromHex('0b000000'))).toEqual(['basic', 'redirect', 'zerocopy'])
    expect(decode(narrow, fromHex('35000080'))).toEqual(['basic', 4, 16, 32, 0x8000_0000])
    expect(decode(wide, fromHex('0200000000000080'))).toEqual(['redirect', 2 ** 63])
  })

  it('survive whatever the bits', () => {
    const bits = array(integer({ min: 0, max: 63 }), { maxLength: 64 })
    assert(
      property(bits, (list) => {
        const bytes = encode(
          u64,
          list.reduce((sum, bit) => sum | (1n << BigInt(bit)), 0n),
        )
        expect(encode(wide, decode(wide, bytes))).toEqual(bytes)
        expect(encode(narrow, decode(narrow, bytes.slice(0, 4)))).toEqual(bytes.slice(0, 4))
      }),
    )
    expect(encode(wide, decode(wide, fromHex('ffffffffffffffff')))).toEqual(fromHex('ffffffffffffffff'))
  })

  it('take names and numbers, in any order and more than once', () => {
    const some = array(constantFrom<(keyof typeof names | number)[]>('basic', 'redirect', 'zerocopy', 4, 0x8000_0000))
    assert(
      property(some, (list) => {
        const expected = list.reduce((sum: number, x) => (sum | (typeof x === 'number' ? x : names[x])) >>> 0, 0)
        expect(encode(narrow, list)).toEqual(encode(u32, expected))
      }),
    )
  })

  it('refuse what is none of theirs', () => {
    expect(() => encode(narrow, ['fast' as 'basic'])).toThrow(
      new RangeError("'fast' is none of basic, redirect, zerocopy"),
    )
    expect(() => encode(narrow, [2 ** 32])).toThrow(RangeError)
    expect(() => encode(narrow, [0.5])).toThrow(RangeError)
    expect(() => encode(narrow, [-1])).toThrow(RangeError)
  })

  it('may be as wide as they need', () => {
    const scope = bitsOf(uint, { queue: 1 })
    expect(encode(scope, ['queue'])).toHaveLength(4)
    expect(decode(scope, fromHex('0100000000000000'))).toEqual(['queue'])
  })
})

describe('numbers side by side', () => {
  it('survive', () => {
    const list = arrayOf(u16, 2)
    assert(
      property(array(integer({ min: 0, max: 0xffff })), (numbers) => {
        expect(decode(list, encode(list, numbers))).toEqual(numbers)
      }),
    )
  })

  it('are refused where their bytes are no whole number of them', () => {
    expect(() => decode(arrayOf(u32, 4), new Uint8Array(6))).toThrow('byte 0: 6 bytes are no whole number of u32')
    expect(decode(arrayOf(u8, 1), new Uint8Array(0))).toEqual([])
  })
})

it('a range is told to the kernel as numbers of any size', () => {
  expect(ranged(u32, { min: 1 }).policy).toEqual({ type: 'u32', min: 1n, max: undefined })
  expect(ranged(u64, { min: 1, max: 1n << 63n }).policy).toEqual({ type: 'u64', min: 1n, max: 1n << 63n })
})
