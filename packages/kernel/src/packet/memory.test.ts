import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { byteViews } from './copy.ts'
import { COPY } from './copy-reason.ts'
import { NULL_GUARD, PacketMemory, type Region, WASM_PAGE } from './memory.ts'

describe.each([{ shared: true }, { shared: false }])('packet memory, shared: $shared', ({ shared }) => {
  test('is not created before it is needed, and small then', () => {
    const memory = new PacketMemory({ shared })
    expect(memory.size).toBe(0)
    memory.reserve('one', 100)
    expect(memory.size).toBe(WASM_PAGE)
    expect(memory.memory.buffer.byteLength).toBe(WASM_PAGE)
    expect(memory.memory.buffer instanceof ArrayBuffer).toBe(!shared)
  })

  test('grows, keeps its bytes, replaces its views and tells who keeps one', () => {
    const memory = new PacketMemory({ shared })
    const first = memory.reserve('first', 16) as Region
    memory.u8[first.offset] = 42
    const told: ArrayBufferLike[] = []
    memory.onGrowth((buffer) => told.push(buffer))
    const big = memory.reserve('big', 10 * WASM_PAGE) as Region
    expect(told).toEqual([memory.memory.buffer])
    expect(memory.u8[first.offset]).toBe(42)
    expect(memory.u8.length).toBe(memory.size)
    expect(memory.i32.length).toBe(memory.size / 4)
    memory.u8[big.offset + big.length - 1] = 7
    expect(memory.u8[big.offset + big.length - 1]).toBe(7)
  })

  test('stops at its bound, and uses it to the last byte', () => {
    const memory = new PacketMemory({ shared, maximumPages: 4 })
    expect(memory.reserve('too much', 4 * WASM_PAGE - NULL_GUARD + 1, 1)).toBeUndefined()
    const all = memory.reserve('all', 4 * WASM_PAGE - NULL_GUARD, 1) as Region
    expect(all.offset).toBe(NULL_GUARD)
    expect(memory.reserve('one more', 1, 1)).toBeUndefined()
    memory.release(all)
    expect(memory.reserve('again', 4 * WASM_PAGE - NULL_GUARD, 1)).toBeDefined()
  })

  test('a region that is reserved again is zero again', () => {
    const memory = new PacketMemory({ shared })
    const first = memory.reserve('first', 1000) as Region
    memory.fill(first.offset, 0xff, first.length)
    memory.release(first)
    const second = memory.reserve('second', 2000) as Region
    expect(second.offset).toBe(first.offset)
    expect(memory.u8.subarray(second.offset, second.offset + second.length).every((byte) => byte === 0)).toBe(true)
  })

  test('a region is released once', () => {
    const memory = new PacketMemory({ shared })
    const region = memory.reserve('region', 64) as Region
    memory.release(region)
    expect(() => memory.release(region)).toThrow('not reserved')
  })

  test('regions never overlap, whatever is reserved and released', () => {
    const step = fc.record({
      take: fc.boolean(),
      length: fc.integer({ min: 1, max: 3 * WASM_PAGE }),
      align: fc.integer({ min: 0, max: 14 }),
      which: fc.nat(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const memory = new PacketMemory({ shared, maximumPages: 32 })
        const live: Region[] = []
        for (const { take, length, align, which } of steps) {
          if (take || live.length === 0) {
            const region = memory.reserve('r', length, 1 << align)
            if (!region) continue
            expect(region.offset % (1 << align)).toBe(0)
            expect(region.offset).toBeGreaterThanOrEqual(NULL_GUARD)
            expect(region.offset + region.length).toBeLessThanOrEqual(memory.size)
            for (const other of live) {
              expect(
                region.offset + region.length <= other.offset || other.offset + other.length <= region.offset,
              ).toBe(true)
            }
            live.push(region)
          } else memory.release(live.splice(which % live.length, 1)[0])
        }
        for (const region of live) memory.release(region)
        // Nothing was lost between the pieces: all of it can be had at once.
        if (memory.size > 0) expect(memory.reserve('all', 32 * WASM_PAGE - NULL_GUARD, 1)).toBeDefined()
      }),
      { numRuns: 200 },
    )
  })

  test('copies in, inside and out, for every alignment and length, and count by reason', () => {
    const memory = new PacketMemory({ shared })
    const region = memory.reserve('frames', 8192) as Region
    const source = byteViews(Uint8Array.from({ length: 1024 }, (_, i) => (i * 37 + 11) & 0xff))
    const out = byteViews(new Uint8Array(1024))
    let copied = 0
    for (const length of [0, 1, 2, 3, 4, 5, 7, 8, 59, 60, 61, 64, 65, 159, 160, 161, 500, 700]) {
      for (let from = 0; from < 8; from++) {
        for (let to = 0; to < 8; to++) {
          memory.fill(region.offset, 0xee, 2048)
          memory.copyIn(region.offset + 16 + to, source, from, length, COPY.wireIn)
          memory.move(region.offset + 4096 + from, region.offset + 16 + to, length, COPY.unshare)
          out.u8.fill(0xdd)
          memory.copyOut(out, 8 + to, region.offset + 4096 + from, length, COPY.wireOut)
          copied += length
          const want = source.u8.subarray(from, from + length)
          expect(memory.u8.slice(region.offset + 16 + to, region.offset + 16 + to + length)).toEqual(want)
          expect(out.u8.subarray(8 + to, 8 + to + length)).toEqual(want)
          expect([memory.u8[region.offset + 15 + to], memory.u8[region.offset + 16 + to + length]]).toEqual([
            0xee, 0xee,
          ])
          expect([out.u8[7 + to], out.u8[8 + to + length]]).toEqual([0xdd, 0xdd])
        }
      }
    }
    expect(memory.copies.bytes[COPY.wireIn]).toBe(copied)
    expect(memory.copies.bytes[COPY.unshare]).toBe(copied)
    expect(memory.copies.bytes[COPY.wireOut]).toBe(copied)
    expect(memory.copies.copies[COPY.wireIn]).toBe(18 * 64)
  })

  test('copies out more than fits a realignment at once', () => {
    const memory = new PacketMemory({ shared })
    const region = memory.reserve('frames', 20000) as Region
    for (let i = 0; i < region.length; i++) memory.u8[region.offset + i] = (i * 131) >> 3
    const out = byteViews(new Uint8Array(20010))
    for (const [from, to, length] of [
      [3, 8, 4096],
      [1, 2, 4097],
      [0, 5, 19995],
      [7, 7, 12345],
    ]) {
      out.u8.fill(0xdd)
      memory.copyOut(out, to, region.offset + from, length, COPY.userOut)
      expect(out.u8.subarray(to, to + length)).toEqual(
        memory.u8.slice(region.offset + from, region.offset + from + length),
      )
      expect([out.u8[to - 1], out.u8[to + length]]).toEqual([0xdd, 0xdd])
    }
  })

  test('copies near the end of a source whose length is no multiple of 4', () => {
    const memory = new PacketMemory({ shared })
    const region = memory.reserve('frames', 256) as Region
    for (let size = 1; size <= 40; size++) {
      const source = byteViews(Uint8Array.from({ length: size }, (_, i) => i + 1))
      for (let from = 0; from < size; from++) {
        memory.copyIn(region.offset, source, from, size - from, COPY.userIn)
        expect(memory.u8.slice(region.offset, region.offset + size - from)).toEqual(source.u8.subarray(from))
      }
    }
  })

  test('overlapping moves are right both ways', () => {
    const memory = new PacketMemory({ shared })
    const { offset } = memory.reserve('frames', 256) as Region
    const fill = () =>
      memory.copyArrayIn(
        offset,
        Uint8Array.from({ length: 64 }, (_, i) => i),
        COPY.userIn,
      )
    fill()
    memory.move(offset + 5, offset, 40, COPY.headers)
    expect(memory.u8[offset + 44]).toBe(39)
    fill()
    memory.move(offset, offset + 5, 40, COPY.headers)
    expect([memory.u8[offset], memory.u8[offset + 39]]).toEqual([5, 44])
  })
})

test('bounds that cannot work are refused', () => {
  expect(() => new PacketMemory({ maximumPages: 32769 })).toThrow('1 to 32768')
  expect(() => new PacketMemory({ maximumPages: 0 })).toThrow('1 to 32768')
  const memory = new PacketMemory()
  expect(() => memory.reserve('odd', 10, 3)).toThrow('power of two')
  expect(() => memory.reserve('none', 0)).toThrow('length')
})
