import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAP_FLAG, MAP_TYPE } from '../syscall/numbers.ts'
import { ringAvailable, ringCommit, ringQuery, ringReserve } from './ringbuf.ts'
import {
  createMap,
  deleteElement,
  lookupElement,
  MAP_TYPES,
  peekElement,
  popElement,
  pushElement,
  updateElement,
} from './table.ts'
import { testMemory } from './testing/memory.ts'
import { E2BIG, ENOENT, EXIST, type MapSpec } from './type.ts'

const KEY = 64
const VALUE = 128
const NEXT = 192

const spec = (type: number, more: Partial<MapSpec> = {}): MapSpec => {
  return { type, keySize: 4, valueSize: 4, maxEntries: 8, flags: 0, id: 1, seed: 5, ...more }
}

describe.each([
  ['queue', MAP_TYPE.queue],
  ['stack', MAP_TYPE.stack],
])('%s', (name, type) => {
  test('gives back what was put in, in its order', () => {
    const operation = fc.tuple(fc.constantFrom('push', 'force', 'pop', 'peek'), fc.nat())
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const memory = testMemory()
        const map = createMap(memory, spec(type, { keySize: 0, maxEntries: 5 }))
        const model: number[] = []
        for (const [what, value] of operations) {
          memory.view.setUint32(VALUE, value, true)
          if (what === 'push' || what === 'force') {
            const isFull = model.length === 5
            expect(pushElement(memory, map, VALUE, what === 'force' ? EXIST : 0)).toBe(
              isFull && what === 'push' ? E2BIG : 0,
            )
            if (isFull && what === 'force') model.shift()
            if (!isFull || what === 'force') model.push(value)
            continue
          }
          const expected = name === 'queue' ? model[0] : model.at(-1)
          const error = what === 'pop' ? popElement(memory, map, VALUE) : peekElement(memory, map, VALUE)
          expect(error).toBe(expected === undefined ? ENOENT : 0)
          expect(memory.view.getUint32(VALUE, true)).toBe(expected ?? 0)
          if (what === 'pop' && name === 'queue') model.shift()
          else if (what === 'pop') model.pop()
        }
      }),
    )
  })
})

test('a trie finds the longest prefix, and goes through all of them, what is more specific first', () => {
  const prefix = fc.tuple(fc.integer({ min: 0, max: 16 }), fc.nat(0xffff))
  fc.assert(
    fc.property(
      fc.array(prefix, { maxLength: 40 }),
      fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 20 }),
      (prefixes, asked) => {
        const memory = testMemory()
        const flags = MAP_FLAG.noPrealloc
        const map = createMap(memory, spec(MAP_TYPE.lpmTrie, { keySize: 6, maxEntries: 64, flags }))
        const type = MAP_TYPES.get(MAP_TYPE.lpmTrie)
        const model = new Map<string, { length: number; bits: number; value: number }>()
        const setKey = (length: number, bits: number): void => {
          memory.view.setUint32(KEY, length, true)
          memory.view.setUint16(KEY + 4, bits)
        }
        for (const [value, [length, bits]] of prefixes.entries()) {
          setKey(length, bits)
          memory.view.setUint32(VALUE, value, true)
          expect(updateElement(memory, map, KEY, VALUE, 0)).toBe(0)
          model.set(`${length} ${bits >> (16 - length)}`, { length, bits, value })
        }
        const covers = (p: { length: number; bits: number }, bits: number) =>
          p.bits >> (16 - p.length) === bits >> (16 - p.length)
        for (const bits of asked) {
          const best = [...model.values()].filter((p) => covers(p, bits)).sort((a, b) => b.length - a.length)[0]
          setKey(16, bits)
          const at = lookupElement(memory, map, KEY)
          expect(at === 0 ? undefined : memory.view.getUint32(at, true)).toBe(best?.value)
        }
        const seen: { length: number; bits: number }[] = []
        for (let key = 0; type?.next(memory, map, key, NEXT) === 0; key = KEY) {
          memory.u8.copyWithin(KEY, NEXT, NEXT + 6)
          seen.push({ length: memory.view.getUint32(KEY, true), bits: memory.view.getUint16(KEY + 4) })
        }
        expect(seen.length).toBe(model.size)
        for (const [i, p] of seen.entries()) {
          for (const later of seen.slice(i + 1)) expect(p.length < later.length && covers(p, later.bits)).toBe(false)
        }
      },
    ),
  )
})

test('an LRU hash never refuses, keeps what was just put in, and what is looked up rather than what is not', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100), { minLength: 30, maxLength: 200 }), (keys) => {
      const memory = testMemory()
      const map = createMap(memory, spec(MAP_TYPE.lruHash))
      const put = (key: number): number => {
        memory.view.setUint32(KEY, key, true)
        memory.view.setUint32(VALUE, key, true)
        return updateElement(memory, map, KEY, VALUE, 0)
      }
      const isThere = (key: number): boolean => {
        memory.view.setUint32(KEY, key, true)
        return lookupElement(memory, map, KEY) !== 0
      }
      put(1000)
      for (const key of keys) {
        expect(put(key)).toBe(0)
        expect(isThere(1000)).toBe(true)
        // A request's look-up counts for nothing.
        memory.view.setUint32(KEY, key, true)
        expect(MAP_TYPES.get(MAP_TYPE.lruHash)?.lookup(memory, map, KEY)).not.toBe(0)
      }
    }),
  )
})

test('a deleted element of an LRU hash makes room', () => {
  const memory = testMemory()
  const map = createMap(memory, spec(MAP_TYPE.lruHash, { maxEntries: 2 }))
  for (const key of [1, 2]) {
    memory.view.setUint32(KEY, key, true)
    updateElement(memory, map, KEY, VALUE, 0)
  }
  expect(deleteElement(memory, map, KEY)).toBe(0)
  memory.view.setUint32(KEY, 3, true)
  updateElement(memory, map, KEY, VALUE, 0)
  memory.view.setUint32(KEY, 1, true)
  expect(lookupElement(memory, map, KEY)).not.toBe(0)
})

test('a bloom filter finds all that was put in, and little else', () => {
  const memory = testMemory()
  const map = createMap(memory, spec(MAP_TYPE.bloomFilter, { keySize: 0, maxEntries: 500 }))
  const set = (n: number): void => memory.view.setUint32(VALUE, n, true)
  for (let n = 0; n < 500; n++) {
    set(n)
    expect(pushElement(memory, map, VALUE, 0)).toBe(0)
  }
  let found = 0
  for (let n = 0; n < 2000; n++) {
    set(n)
    if (peekElement(memory, map, VALUE) === 0) found++
    else expect(n).toBeGreaterThanOrEqual(500)
  }
  expect(found).toBeLessThan(650)
})

test('a ring hands records over in order, also those that go over its end', () => {
  const SIZE = 4096
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 1500 }), fc.boolean(), fc.boolean()), { maxLength: 60 }),
      (records) => {
        const memory = testMemory()
        const { view, u8 } = memory
        const map = createMap(memory, spec(MAP_TYPE.ringbuf, { keySize: 0, valueSize: 0, maxEntries: SIZE }))
        const ring = (map + 64 + 4095) & -4096
        const waiting: { bytes: number; discarded: boolean; mark: number }[] = []
        let consumed = 0
        const consume = (): void => {
          for (const { bytes, discarded, mark } of waiting.splice(0)) {
            const at = consumed % SIZE
            expect(view.getUint32(ring + 8192 + at, true)).toBe((bytes | (discarded ? 0x4000_0000 : 0)) >>> 0)
            const isWhole = Array.from({ length: bytes }, (_, i) => u8[ring + 8192 + ((at + 8 + i) % SIZE)]).every(
              (b) => b === mark,
            )
            expect(isWhole).toBe(true)
            consumed += 8 + ((bytes + 7) & -8)
            view.setUint32(ring, consumed, true)
          }
          expect(ringAvailable(memory, map)).toBe(0)
        }
        for (const [i, [bytes, discarded, consumes]] of records.entries()) {
          const length = 8 + ((bytes + 7) & -8)
          const fits = ringAvailable(memory, map) + length <= SIZE - 1
          const record = ringReserve(memory, map, bytes)
          expect(record !== 0).toBe(fits)
          if (fits) {
            u8.fill(i, record, record + bytes)
            ringCommit(memory, record, discarded)
            waiting.push({ bytes, discarded, mark: i })
          }
          if (consumes) consume()
        }
        consume()
        expect(ringQuery(memory, map, 2)).toBe(ringQuery(memory, map, 3))
      },
    ),
  )
})
