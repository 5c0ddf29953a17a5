import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeValue } from './encode-value.ts'
import { type Btf, type BtfType, INT_BOOL, INT_CHAR, INT_SIGNED } from './type.ts'
import { decodeValue, type Value } from './value.ts'

const int = (name: string, size: number, encoding = 0): BtfType => {
  return { kind: 'int', name, size, bits: size * 8, offset: 0, encoding }
}
const member = (name: string, type: number, offset: number, bits = 0) => ({ name, type, offset, bits })

const btf: Btf = {
  types: [
    { kind: 'void' },
    int('int', 4, INT_SIGNED),
    int('char', 1, INT_SIGNED | INT_CHAR),
    int('__u64', 8),
    int('_Bool', 1, INT_BOOL),
    { kind: 'array', element: 2, index: 1, count: 8 },
    {
      kind: 'enum',
      name: 'rule',
      size: 4,
      signed: false,
      values: [
        { name: 'ALLOW', value: 1n },
        { name: 'REFUSE', value: 2n },
      ],
    },
    {
      kind: 'struct',
      name: '',
      size: 4,
      members: [member('low', 1, 0, 5), member('high', 1, 5, 27)],
    },
    {
      kind: 'struct',
      name: 'entry',
      size: 40,
      members: [
        member('bytes', 3, 0),
        member('', 7, 64),
        member('rule', 6, 96),
        member('up', 4, 128),
        member('name', 5, 136),
        member('list', 9, 200),
      ],
    },
    { kind: 'array', element: 10, index: 1, count: 3 },
    int('short unsigned int', 2),
    { kind: 'float', name: 'double', size: 8 },
  ],
}
const ENTRY = 8

test('what is written is read again', () => {
  const entry = fc.record({
    bytes: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    low: fc.integer({ min: -16, max: 15 }),
    high: fc.integer({ min: -(1 << 26), max: (1 << 26) - 1 }),
    rule: fc.constantFrom('ALLOW', 'REFUSE', 7),
    up: fc.boolean(),
    name: fc.stringMatching(/^[a-z]{1,8}$/),
    list: fc.tuple(fc.nat(65535), fc.nat(65535), fc.nat(65535)),
  })
  fc.assert(
    fc.property(entry, (value) => {
      expect(decodeValue(btf, ENTRY, encodeValue(btf, ENTRY, value))).toEqual(value)
    }),
  )
})

test('any bytes are the same after reading and writing them, but for what no member has', () => {
  const bytes = fc.uint8Array({ minLength: 8, maxLength: 8 })
  fc.assert(
    fc.property(bytes, (given) => {
      for (const type of [3, 7]) {
        const part = given.subarray(0, type === 3 ? 8 : 4)
        expect(encodeValue(btf, type, decodeValue(btf, type, part))).toEqual(part.slice())
      }
    }),
  )
})

test('numbers can be text, members left out, arrays shorter', () => {
  const value = { bytes: '0x10', rule: '2', list: ['1'], name: 'ab' }
  expect(decodeValue(btf, ENTRY, encodeValue(btf, ENTRY, value))).toEqual({
    bytes: 16n,
    low: 0,
    high: 0,
    rule: 'REFUSE',
    up: false,
    name: 'ab',
    list: [1, 0, 0],
  })
  expect(encodeValue(btf, 11, 1.5)).toEqual(new Uint8Array(Float64Array.of(1.5).buffer))
  expect(encodeValue(btf, 1, 0xffff_ffff)).toEqual(encodeValue(btf, 1, -1))
})

describe('what does not fit is refused, and named', () => {
  const rows: [number, Value, string][] = [
    [ENTRY, 5, "the value must be an object, not '5'"],
    [ENTRY, { colour: 1 }, 'colour is no member: there are bytes, low, high, rule, up, name, list'],
    [ENTRY, { low: 32 }, 'low must be an integer from -16 to 15'],
    [ENTRY, { bytes: -1 }, 'bytes must be an integer from 0 to 18446744073709551615'],
    [ENTRY, { rule: 'DROP' }, 'rule must be one of ALLOW, REFUSE'],
    [ENTRY, { list: [1, 2, 3, 4] }, 'list must be at most 3 elements'],
    [ENTRY, { list: [1, 'x'] }, 'list[1] must be an integer'],
    [ENTRY, { name: 'much too long' }, 'name must be at most 8 elements'],
    [1, 2 ** 33, 'the value must be an integer from -2147483648 to 2147483647'],
    [11, 'x', 'the value must be a number'],
    [0, 1, 'type 0 has no size'],
  ]
  test.each(rows)('type %i: %o', (type, value, message) => {
    expect(() => encodeValue(btf, type, value)).toThrow(message)
  })
})
