import { array, assert, boolean, constantFrom, integer, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PrefixTable } from './prefix-table.ts'
import { hasPrefix, masked, sameWords, type Words } from './words.ts'

/** Few different words, whose bits differ at both ends, so that prefixes meet and contain each other. */
const word = constantFrom(0, 1, -1, 0x0a000000, 0x0a000001, 0x0a800000, 0x20010db8, -0x80000000)
const address = (words: number) =>
  array(word, { minLength: words, maxLength: words }).map((list) => Int32Array.from(list))

/** The prefixes as a list, searched from its beginning to its end. */
class PlainTable {
  readonly list: { readonly prefix: Words; readonly length: number; readonly value: number }[] = []

  set(of: Words, length: number, value: number): void {
    this.delete(of, length)
    this.list.push({ prefix: masked(of, length), length, value })
  }

  delete(of: Words, length: number): void {
    const at = this.list.findIndex((one) => one.length === length && sameWords(one.prefix, masked(of, length)))
    if (at >= 0) this.list.splice(at, 1)
  }

  longest(of: Words): number | undefined {
    const fitting = this.list.filter(({ prefix, length }) => hasPrefix(of, prefix, length))
    return fitting.sort((a, b) => b.length - a.length)[0]?.value
  }
}

function longest(table: PrefixTable<number>, of: Words): number | undefined {
  for (const length of table.lengths) {
    const value = table.get(of, length)
    if (value !== undefined) return value
  }
  return undefined
}

describe.each([1, 4])('a table of prefixes of %i words', (words) => {
  const change = record({ adds: boolean(), of: address(words), length: integer({ min: 0, max: 32 * words }) })

  it('finds the longest one of an address, whatever came and went', () => {
    assert(
      property(
        array(change, { maxLength: 60 }),
        array(address(words), { minLength: 1, maxLength: 10 }),
        (changes, asked) => {
          const table = new PrefixTable<number>(words)
          const plain = new PlainTable()
          for (const [value, { adds, of, length }] of changes.entries()) {
            for (const one of [table, plain]) {
              if (adds) one.set(of, length, value)
              else one.delete(of, length)
            }
          }
          for (const of of [...asked, ...changes.map((one) => one.of)])
            expect(longest(table, of)).toBe(plain.longest(of))
          expect([...table.values()].sort()).toEqual(plain.list.map(({ value }) => value).sort())
          expect([...table.lengths]).toEqual([...new Set(plain.list.map((one) => one.length))].sort((a, b) => b - a))
        },
      ),
    )
  })
})
