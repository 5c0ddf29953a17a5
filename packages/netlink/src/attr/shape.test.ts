import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Data } from '../bytes/data.ts'
import { Writer } from '../bytes/writer.ts'
import { decodeAttrs } from './decode.ts'
import { encodeAttrs } from './encode.ts'
import { u32 } from './integers.ts'
import { blankOf } from './shape.ts'
import { attrTable, tableWithout } from './table.ts'
import { binary, string } from './values.ts'

const rows = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`n${i}`, { id: i + 1, c: `N_${i}`, codec: u32 }]))
const TABLE = attrTable('many', {
  ...rows,
  name: { id: 30, c: 'NAME', codec: string() },
  bytes: { id: 31, c: 'BYTES', codec: binary() },
  list: { id: 32, c: 'LIST', codec: u32, multi: true },
})

type Values = Record<string, unknown>

/** Numbers of one width, so that messages of one length have many forms. */
const values = fc.record(
  {
    ...Object.fromEntries(Object.keys(rows).map((key) => [key, fc.nat()])),
    name: fc.constantFrom('abc', 'xyz'),
    bytes: fc.uint8Array({ minLength: 4, maxLength: 4 }),
    list: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
    rest: fc.constant([{ type: 99, payload: new Uint8Array(4) }]),
  },
  { requiredKeys: [] },
)

const encode = (value: Values): Uint8Array => {
  const w = new Writer()
  encodeAttrs(TABLE, value, w)
  return w.take()
}

describe('what was learnt from other messages', () => {
  test('changes nothing about what a message is decoded to', () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 30 }), (list) => {
        for (const value of [...list, ...list]) {
          const bytes = encode(value)
          expect(decodeAttrs(TABLE, new Data(bytes), 0, bytes.length)).toStrictEqual({ ...value })
        }
      }),
      { numRuns: 300 },
    )
  })

  test('does not confuse an attribute that stands twice with two others', () => {
    const twice = new Uint8Array([...encode({ n0: 1, n1: 2, n2: 3, n3: 4, n4: 5, n5: 6, n6: 7, n7: 8 })])
    const once = twice.slice()
    new DataView(twice.buffer).setUint16(8 * 7 + 2, 1, true) // the last is n0 again
    for (const _ of [1, 2]) {
      expect(decodeAttrs(TABLE, new Data(once), 0, 64)).toStrictEqual({
        n0: 1,
        n1: 2,
        n2: 3,
        n3: 4,
        n4: 5,
        n5: 6,
        n6: 7,
        n7: 8,
      })
      expect(decodeAttrs(TABLE, new Data(twice), 0, 64)).toStrictEqual({
        n0: 8,
        n1: 2,
        n2: 3,
        n3: 4,
        n4: 5,
        n5: 6,
        n6: 7,
      })
    }
  })
})

test('a blank has the keys, in their order, and copies are independent', () => {
  const blank = blankOf(['b', 'a'])
  const copy = { ...blank, a: 1 }
  expect(Object.keys(copy)).toEqual(['b', 'a'])
  expect(blank).toEqual({ b: null, a: null })
})

test('a table without some attributes passes them over, known messages and new ones alike', () => {
  const less = tableWithout(TABLE, ['name', 'n3' as 'name'])
  const value = Object.fromEntries(Object.keys(rows).map((key, i) => [key, i]))
  const bytes = encode({ ...value, name: 'x', bytes: new Uint8Array(2) })
  const { n3: _, ...expected } = value
  for (const _ of [1, 2, 3]) {
    expect(decodeAttrs(less, new Data(bytes), 0, bytes.length)).toStrictEqual({ ...expected, bytes: new Uint8Array(2) })
  }
  expect(decodeAttrs(TABLE, new Data(bytes), 0, bytes.length)).toHaveProperty('name', 'x')
})

test('bytes are copied unless they are stable', () => {
  const bytes = encode({ bytes: Uint8Array.of(1, 2, 3) })
  const copied = decodeAttrs(TABLE, new Data(bytes), 0, bytes.length) as { bytes: Uint8Array }
  const shared = decodeAttrs(TABLE, new Data(bytes, true), 0, bytes.length) as { bytes: Uint8Array }
  bytes[4] = 9
  expect([...copied.bytes]).toEqual([1, 2, 3])
  expect([...shared.bytes]).toEqual([9, 2, 3])
})
