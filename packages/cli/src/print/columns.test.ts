import { expect, test } from 'vitest'
import { columns, widthFor } from './columns.ts'
import { compact, pretty } from './json.ts'
import { count } from './numbers.ts'

const table = async (rows: readonly (readonly string[])[]) =>
  columns([{ title: 'DEV' }, { title: 'N', right: true }, { title: 'NOTE' }], rows, await widthFor(rows))

test('columns are as wide as they must be; empty ones are left out', async () => {
  expect(
    await table([
      ['nk0', '5', ''],
      ['a', '1000', ''],
    ]),
  ).toBe('DEV     N\nnk0     5\na    1000\n')
  expect(
    await table([
      ['nk0', '5', 'x y'],
      ['a', '', ''],
    ]),
  ).toBe('DEV  N  NOTE\nnk0  5  x y\na\n')
})

test('wide characters count twice', async () => {
  expect(
    await table([
      ['装置', '5', ''],
      ['nk0', '6', ''],
    ]),
  ).toBe('DEV   N\n装置  5\nnk0   6\n')
})

test('JSON as iproute2 writes it', () => {
  const value = { a: [1, 2n ** 64n - 1n], b: { c: null, d: undefined }, e: [{ f: 'x"' }, {}], g: [] }
  expect(compact(value)).toBe('{"a":[1,18446744073709551615],"b":{"c":null},"e":[{"f":"x\\""},{}],"g":[]}')
  expect(pretty(value)).toBe(`{
    "a": [ 1,18446744073709551615 ],
    "b": {
        "c": null
    },
    "e": [ {
            "f": "x\\""
        },{ } ],
    "g": [ ]
}`)
})

test.each([
  [999, '999', '999'],
  [1286414, '1.29M', '1.23Mi'],
  [1500, '1.50K', '1.46Ki'],
  [99_950, '100K', '97.6Ki'],
  [18_446_744_073_709_551_615n, '18.4E', '16.0Ei'],
])('%s is %s, or %s', (n, human, iec) => {
  expect(count(n, { human: true, iec: false })).toBe(human)
  expect(count(n, { human: true, iec: true })).toBe(iec)
  expect(count(n, { human: false, iec: false })).toBe(String(n))
})
