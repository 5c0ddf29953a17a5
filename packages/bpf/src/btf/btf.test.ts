import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FormatError } from '../bytes/error.ts'
import { encodeBtf } from './encode.ts'
import { parseBtf } from './parse.ts'
import { printDefinition, printType } from './print.ts'
import { BtfError, sizeOf, skipModifiers } from './resolve.ts'
import { type Btf, type BtfType, INT_BOOL, INT_CHAR, INT_SIGNED } from './type.ts'
import { decodeValue } from './value.ts'

const int = (name: string, size: number, encoding = 0): BtfType => ({
  kind: 'int',
  name,
  size,
  bits: size * 8,
  offset: 0,
  encoding,
})

const TYPES: readonly BtfType[] = [
  { kind: 'void' },
  int('int', 4, INT_SIGNED),
  int('char', 1, INT_SIGNED | INT_CHAR),
  int('long long unsigned int', 8),
  int('_Bool', 1, INT_BOOL),
  { kind: 'typedef', name: '__u64', type: 3 },
  { kind: 'array', element: 2, index: 1, count: 8 },
  { kind: 'ptr', type: 8 },
  { kind: 'const', name: '', type: 2 },
  {
    kind: 'struct',
    name: 'flow',
    size: 40,
    members: [
      { name: 'bytes', type: 5, offset: 0, bits: 0 },
      { name: 'low', type: 1, offset: 64, bits: 3 },
      { name: 'high', type: 1, offset: 67, bits: 13 },
      { name: 'up', type: 4, offset: 80, bits: 0 },
      { name: 'name', type: 6, offset: 88, bits: 0 },
      { name: '', type: 10, offset: 160, bits: 0 },
      { name: 'next', type: 11, offset: 192, bits: 0 },
      { name: 'colour', type: 12, offset: 256, bits: 0 },
    ],
  },
  {
    kind: 'union',
    name: '',
    size: 4,
    members: [
      { name: 'whole', type: 1, offset: 0, bits: 0 },
      { name: 'first', type: 2, offset: 0, bits: 0 },
    ],
  },
  { kind: 'ptr', type: 9 },
  {
    kind: 'enum',
    name: 'colour',
    size: 4,
    signed: true,
    values: [
      { name: 'RED', value: 0n },
      { name: 'NONE', value: -1n },
    ],
  },
  { kind: 'enum64', name: 'wide', size: 8, signed: false, values: [{ name: 'TOP', value: 0x8000000000000000n }] },
  { kind: 'fwd', name: 'later', of: 'union' },
  { kind: 'volatile', name: '', type: 16 },
  { kind: 'restrict', name: '', type: 7 },
  {
    kind: 'func_proto',
    type: 1,
    params: [
      { name: 'at', type: 7 },
      { name: '', type: 0 },
    ],
  },
  { kind: 'func', name: 'print', type: 17, linkage: 'global' },
  { kind: 'var', name: 'level', type: 1, linkage: 'static' },
  { kind: 'datasec', name: '.bss', size: 4, entries: [{ type: 19, offset: 0, size: 4 }] },
  { kind: 'float', name: 'double', size: 8 },
  { kind: 'decl_tag', name: 'note', type: 9, component: -1, attribute: false },
  { kind: 'type_tag', name: 'user', type: 2, attribute: true },
  { kind: 'ptr', type: 17 },
  { kind: 'array', element: 24, index: 1, count: 3 },
]
const btf: Btf = { types: TYPES }

test('types of all kinds are read back from their bytes', () => {
  expect(new Set(TYPES.map(({ kind }) => kind)).size).toBe(20)
  expect(parseBtf(encodeBtf(btf))).toEqual(btf)
})

test('sizes', () => {
  expect([1, 5, 6, 7, 9, 13, 16, 25].map((id) => sizeOf(btf, id))).toEqual([4, 8, 8, 8, 40, 8, 8, 24])
  expect(() => sizeOf(btf, 14)).toThrow('it is of kind fwd')
  expect(() => sizeOf(btf, 99)).toThrow('there is no type 99')
})

test('circles end', () => {
  const circle: Btf = {
    types: [
      { kind: 'void' },
      { kind: 'typedef', name: 'a', type: 2 },
      { kind: 'const', name: '', type: 1 },
      { kind: 'struct', name: '', size: 8, members: [{ name: '', type: 3, offset: 0, bits: 0 }] },
      { kind: 'array', element: 4, index: 1, count: 2 },
    ],
  }
  expect(() => skipModifiers(circle, 1)).toThrow(BtfError)
  expect(() => sizeOf(circle, 4)).toThrow(BtfError)
  expect(() => printType(circle, 4, 'x')).toThrow(BtfError)
  expect(() => printType(circle, 3, 'x')).toThrow(BtfError)
  expect(() => decodeValue(circle, 3, new Uint8Array(8))).toThrow(BtfError)
})

describe('C declarations', () => {
  test.each([
    [7, 'p', 'const char *p'],
    [6, 'text', 'char text[8]'],
    [16, '', 'const char *restrict'],
    [24, 'f', 'int (*f)(const char *at, ...)'],
    [25, 'table', 'int (*table[3])(const char *at, ...)'],
    [14, 'x', 'union later x'],
    [12, 'c', 'enum colour c'],
    [0, '', 'void'],
  ])('type %d as %s: %s', (id, name, text) => {
    expect(printType(btf, id, name)).toBe(text)
  })

  test('definitions', () => {
    expect(printDefinition(btf, 9)).toBe(`struct flow {
	__u64 bytes;
	int low: 3;
	int high: 13;
	_Bool up;
	char name[8];
	union {
		int whole;
		char first;
	};
	struct flow *next;
	enum colour colour;
};`)
    expect(printDefinition(btf, 12)).toBe('enum colour {\n\tRED = 0,\n\tNONE = -1,\n};')
    expect(printDefinition(btf, 5)).toBe('typedef long long unsigned int __u64;')
    expect(printDefinition(btf, 18)).toBe('int print(const char *at, ...);')
    expect(printDefinition(btf, 20)).toBe('static int level;')
  })
})

test('values', () => {
  const bytes = new Uint8Array(40)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, 0xffffffffffffffffn, true)
  view.setUint16(8, (0x1000 << 3) | 5, true)
  bytes[10] = 1
  bytes.set(new TextEncoder().encode('eth0'), 11)
  view.setInt32(20, -2, true)
  view.setBigUint64(24, 0x1234n, true)
  view.setInt32(32, -1, true)
  expect(decodeValue(btf, 9, bytes)).toEqual({
    bytes: 0xffffffffffffffffn,
    low: -3,
    high: -4096,
    up: true,
    name: 'eth0',
    whole: -2,
    first: -2,
    next: 0x1234n,
    colour: 'NONE',
  })
  expect(() => decodeValue(btf, 9, bytes.slice(1))).toThrow(FormatError)
})

describe('damaged bytes', () => {
  const bytes = encodeBtf(btf)

  test.each([
    [0, 0, 'the magic number is missing (byte 0)'],
    [2, 9, 'version 9 is unknown (byte 2)'],
    [31, 21, 'kind 21 is unknown (byte 24)'],
    [32 + 200, 0xff, ''],
  ])('byte %d as %d: %s', (at, value, message) => {
    const damaged = bytes.slice()
    damaged[at] = value
    if (message) expect(() => parseBtf(damaged)).toThrow(message)
    else expect(() => parseBtf(damaged)).not.toThrow(TypeError)
  })

  test('a type that is not there is named', () => {
    const broken = encodeBtf({ types: [{ kind: 'void' }, { kind: 'ptr', type: 7 }] })
    expect(() => parseBtf(broken)).toThrow('type 1 refers to type 7, which is not there (byte 24)')
  })

  test('any change gives types or an error with its place, and what is read can be used', () => {
    const spoil = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(spoil, fc.nat(bytes.length), (changes, length) => {
        const damaged = bytes.slice(0, length < 30 ? bytes.length : length)
        for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value
        try {
          useAll(parseBtf(damaged))
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

/** Prints and decodes all types; circles and types without a size may be refused. */
function useAll(types: Btf): void {
  for (const id of types.types.keys()) {
    for (const use of [() => printDefinition(types, id), () => decodeValue(types, id, new Uint8Array(64))]) {
      try {
        use()
      } catch (error) {
        if (!(error instanceof BtfError)) expect(error).toBeInstanceOf(FormatError)
      }
    }
  }
}
