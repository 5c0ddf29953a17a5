import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PacketMemory } from './memory.ts'
import { BUFFER_CLASSES, BufferPool } from './pool.ts'

test('gives the smallest class that fits, and nothing beyond the largest', () => {
  const pool = new BufferPool(new PacketMemory())
  for (const { size } of BUFFER_CLASSES) {
    const buffer = pool.alloc(size)
    expect(pool.size(buffer)).toBe(size)
    if (size < pool.largest)
      expect(pool.size(pool.alloc(size + 1))).toBe(BUFFER_CLASSES.find((row) => row.size > size)?.size)
  }
  expect(pool.alloc(pool.largest + 1)).toBe(-1)
  expect(pool.failed).toBe(1)
})

test('a buffer is freed with its last user, once', () => {
  const pool = new BufferPool(new PacketMemory())
  const buffer = pool.alloc(100)
  pool.retain(buffer)
  pool.release(buffer)
  expect(pool.inUse).toBe(1)
  pool.release(buffer)
  expect(pool.inUse).toBe(0)
  expect(() => pool.release(buffer)).toThrow('free already')
  expect(pool.alloc(100)).toBe(buffer)
})

test('numbers of buffers elsewhere are given up with their last user, and nobody else gets them before', () => {
  const pool = new BufferPool(new PacketMemory())
  const unused: number[] = []
  const foreign = pool.addForeign(4, 2048, (buffer) => unused.push(buffer))
  for (let n = 0; n < 3; n++) pool.place(foreign.first + n, 2048 * n)
  pool.retain(foreign.first)
  pool.release(foreign.first + 2)
  expect(unused).toEqual([foreign.first + 2])
  let over = 0
  pool.removeForeign(foreign, () => over++)
  pool.release(foreign.first)
  pool.release(foreign.first + 1)
  const other = pool.addForeign(4, 2048, () => undefined)
  expect(other.first).not.toBe(foreign.first)
  expect(over).toBe(0)
  pool.release(foreign.first)
  expect([over, unused.length]).toEqual([1, 1])
  expect(pool.addForeign(4, 2048, () => undefined).first).toBe(foreign.first)
})

test('when memory ends, requests fail and what is freed can be had again', () => {
  const pool = new BufferPool(new PacketMemory({ maximumPages: 8 }))
  const taken: number[] = []
  for (let buffer = pool.alloc(2048); buffer >= 0; buffer = pool.alloc(2048)) taken.push(buffer)
  expect(taken.length).toBe((8 * 65536) / 2048 - 2) // the first 4 KiB are the null guard
  expect(pool.failed).toBe(1)
  pool.release(taken[5])
  expect(pool.alloc(1)).toBe(taken[5])
})

test('no buffer is handed out twice, none is lost', () => {
  const step = fc.record({ take: fc.boolean(), size: fc.integer({ min: 1, max: 140000 }), which: fc.nat() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const memory = new PacketMemory()
      const pool = new BufferPool(memory)
      const live = new Map<number, { offset: number; size: number }>()
      for (const { take, size, which } of steps) {
        if (take || live.size === 0) {
          const buffer = pool.alloc(size)
          const at = { offset: pool.offset(buffer), size: pool.size(buffer) }
          expect(at.size).toBeGreaterThanOrEqual(size)
          expect(at.offset + at.size).toBeLessThanOrEqual(memory.size)
          for (const other of live.values()) {
            expect(at.offset + at.size <= other.offset || other.offset + other.size <= at.offset).toBe(true)
          }
          live.set(buffer, at)
        } else {
          const buffer = [...live.keys()][which % live.size]
          live.delete(buffer)
          pool.release(buffer)
        }
        expect(pool.inUse).toBe(live.size)
      }
    }),
    { numRuns: 200 },
  )
})
