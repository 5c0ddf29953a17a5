import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAP_TYPE } from '../syscall/numbers.ts'
import { createMap, deleteElement, lookupElement, updateElement } from './table.ts'
import { testMemory } from './testing/memory.ts'
import { ANY, E2BIG, EEXIST, EINVAL, ENOENT, EXIST, type MapSpec, NOEXIST } from './type.ts'

const KEY = 64
const VALUE = 128

const spec = (type: number, more: Partial<MapSpec> = {}): MapSpec => {
  return { type, keySize: 4, valueSize: 12, maxEntries: 4, flags: 0, id: 1, seed: 5, ...more }
}

/** A map with numbers as keys and values. */
class TestMap {
  readonly memory = testMemory()
  readonly map: number

  constructor(of: MapSpec) {
    this.map = createMap(this.memory, of)
  }

  update(key: number, value: number, flags = ANY): number {
    this.memory.view.setUint32(KEY, key, true)
    this.memory.view.setUint32(VALUE, value, true)
    return updateElement(this.memory, this.map, KEY, VALUE, flags)
  }

  lookup(key: number): number | undefined {
    this.memory.view.setUint32(KEY, key, true)
    const at = lookupElement(this.memory, this.map, KEY)
    return at === 0 ? undefined : this.memory.view.getUint32(at, true)
  }

  delete(key: number): number {
    this.memory.view.setUint32(KEY, key, true)
    return deleteElement(this.memory, this.map, KEY)
  }
}

describe.each([
  ['array', MAP_TYPE.array],
  ['percpu_array', MAP_TYPE.percpuArray],
])('%s', (_, type) => {
  test('all elements exist, none can be added or deleted', () => {
    const map = new TestMap(spec(type))
    expect(map.lookup(3)).toBe(0)
    expect(map.update(3, 7)).toBe(0)
    expect(map.lookup(3)).toBe(7)
    expect(map.lookup(2)).toBe(0)
    expect(map.lookup(4)).toBeUndefined()
    expect(map.update(4, 7)).toBe(E2BIG)
    expect(map.update(0, 7, NOEXIST)).toBe(EEXIST)
    expect(map.update(0, 7, 3)).toBe(EINVAL)
    expect(map.delete(0)).toBe(EINVAL)
  })

  test('keys have 4 bytes, and there is at least one element of one byte', () => {
    for (const wrong of [{ keySize: 8 }, { valueSize: 0 }, { maxEntries: 0 }]) {
      expect(createMap(testMemory(), spec(type, wrong))).toBe(EINVAL)
    }
    expect(createMap(testMemory(), spec(type, { valueSize: 1 << 20, maxEntries: 1 << 20 }))).toBe(E2BIG)
  })
})

describe('hash', () => {
  test('a full map takes no new key, but new values', () => {
    const map = new TestMap(spec(MAP_TYPE.hash))
    for (let key = 0; key < 4; key++) expect(map.update(key, key)).toBe(0)
    expect(map.update(4, 4)).toBe(E2BIG)
    expect(map.update(3, 33)).toBe(0)
    expect(map.lookup(3)).toBe(33)
    expect(map.delete(0)).toBe(0)
    expect(map.update(4, 4)).toBe(0)
  })

  test('flags say what has to be there', () => {
    const map = new TestMap(spec(MAP_TYPE.hash))
    expect(map.update(1, 1, EXIST)).toBe(ENOENT)
    expect(map.update(1, 1, NOEXIST)).toBe(0)
    expect(map.update(1, 2, NOEXIST)).toBe(EEXIST)
    expect(map.update(1, 3, EXIST)).toBe(0)
    expect(map.update(1, 3, 3)).toBe(EINVAL)
    expect(map.delete(2)).toBe(ENOENT)
  })

  test('who holds a value goes on seeing it after an update', () => {
    const map = new TestMap(spec(MAP_TYPE.hash))
    map.update(1, 1)
    const held = lookupElement(map.memory, map.map, KEY)
    map.update(1, 2)
    expect(map.memory.view.getUint32(held, true)).toBe(1)
  })

  test('behaves as a Map of limited size', () => {
    const operation = fc.tuple(fc.constantFrom('update', 'delete', 'lookup'), fc.nat(40), fc.nat())
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300 }), fc.integer({ min: 1, max: 12 }), (operations, keySize) => {
        const map = new TestMap(spec(MAP_TYPE.hash, { keySize, maxEntries: 16 }))
        const model = new Map<number, number>()
        for (const [what, key, value] of operations) {
          const isFull = model.size === 16 && !model.has(key)
          if (what === 'lookup') expect(map.lookup(key)).toBe(model.get(key))
          else if (what === 'delete') expect(map.delete(key)).toBe(model.delete(key) ? 0 : ENOENT)
          else {
            expect(map.update(key, value)).toBe(isFull ? E2BIG : 0)
            if (!isFull) model.set(key, value)
          }
        }
      }),
    )
  })
})

test('unknown types are refused', () => {
  expect(createMap(testMemory(), spec(99))).toBe(EINVAL)
})
