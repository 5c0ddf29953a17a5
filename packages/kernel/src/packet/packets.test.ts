import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PacketBatch } from './batch.ts'
import { byteViews } from './copy.ts'
import { COPY } from './copy-reason.ts'
import { DROP, DROP_NAMES, describeDrop } from './drop-reason.ts'
import { bytesOf, headroomOf } from './edit.ts'
import * as F from './fields.ts'
import { Packets } from './packets.ts'

const field = (packets: Packets, handle: number, word: number) => packets.fields[(handle << F.PKT_SHIFT) + word]

describe.each([{ shared: true }, { shared: false }])('packets, shared: $shared', ({ shared }) => {
  test('a kernel without packets has no packet memory', () => {
    expect(new Packets({ shared }).memory.size).toBe(0)
  })

  test('a packet holds the bytes it was made from, with headroom before them', () => {
    const packets = new Packets({ shared })
    const source = byteViews(Uint8Array.from({ length: 3000 }, (_, i) => i & 0xff))
    for (const [offset, length] of [
      [0, 64],
      [3, 60],
      [5, 1400],
      [2, 0],
      [1, 2500],
    ]) {
      const handle = packets.allocFrom(source, offset, length, COPY.wireIn, 100)
      expect(bytesOf(packets, handle)).toEqual(source.u8.slice(offset, offset + length))
      expect(field(packets, handle, F.PKT_LENGTH)).toBe(length)
      expect(headroomOf(packets, handle)).toBeGreaterThanOrEqual(100)
      expect(headroomOf(packets, handle)).toBeLessThan(108)
      packets.free(handle)
    }
    const whole = Uint8Array.of(1, 2, 3, 4, 5).subarray(1)
    expect(bytesOf(packets, packets.allocFromArray(whole, COPY.userIn))).toEqual(whole)
  })

  test('a new packet has no trace of the one before', () => {
    const packets = new Packets({ shared })
    const first = packets.alloc(64)
    const firstSerial = field(packets, first, F.PKT_SERIAL)
    for (let word = F.PKT_DEVICE; word <= F.PKT_STATE; word++) packets.fields[(first << F.PKT_SHIFT) + word] = -1
    packets.drop(first, DROP.NOMEM)
    const second = packets.alloc(60)
    expect(second).toBe(first)
    for (const word of [F.PKT_DEVICE, F.PKT_QUEUE, F.PKT_TSTAMP_LO, F.PKT_TSTAMP_HI, F.PKT_MARK, F.PKT_PRIORITY]) {
      expect(field(packets, second, word)).toBe(0)
    }
    for (const word of [F.PKT_PROTOCOL, F.PKT_HASH, F.PKT_NETWORK, F.PKT_STATE, F.PKT_FRAGMENTS, F.PKT_REASON]) {
      expect(field(packets, second, word)).toBe(0)
    }
    expect(field(packets, second, F.PKT_MAC)).toBe(F.MAC_UNSET)
    expect(field(packets, second, F.PKT_SERIAL)).toBe(firstSerial + 1)
  })

  test('a double free is an error that changes nothing', () => {
    const packets = new Packets({ shared })
    const a = packets.alloc(64)
    const b = packets.alloc(64)
    packets.free(a)
    expect(() => packets.free(a)).toThrow('free already')
    expect(() => packets.free(-1)).toThrow('free already')
    expect(() => packets.free(99)).toThrow('free already')
    expect([packets.table.inUse, packets.buffers.inUse]).toEqual([1, 1])
    expect([packets.table.isLive(a), packets.table.isLive(b)]).toEqual([false, true])
    packets.free(b)
    expect(new Set([packets.alloc(1), packets.alloc(1), packets.alloc(1)]).size).toBe(3)
  })

  test('a full table and too long packets give -1 and leak nothing', () => {
    const packets = new Packets({ shared, capacity: 3 })
    const three = [packets.alloc(1), packets.alloc(1), packets.alloc(1)]
    expect(packets.alloc(1)).toBe(-1)
    expect(packets.clone(three[0])).toBe(-1)
    expect(packets.alloc(1 << 20)).toBe(-1)
    expect([packets.table.inUse, packets.buffers.inUse]).toEqual([3, 3])
    expect(packets.table.failed).toBe(2)
    for (const handle of three) packets.free(handle)
    expect([packets.table.inUse, packets.buffers.inUse]).toEqual([0, 0])
  })

  test('descriptors survive growth of packet memory', () => {
    const packets = new Packets({ shared })
    const handle = packets.allocFromArray(Uint8Array.of(9, 8, 7), COPY.userIn)
    packets.memory.reserve('umem', 40 << 20)
    expect(packets.fields.length).toBe(packets.table.capacity * F.PKT_WORDS)
    expect(bytesOf(packets, handle)).toEqual(Uint8Array.of(9, 8, 7))
    const word = (packets.table.address(handle) >> 2) + F.PKT_LENGTH
    expect(packets.memory.i32[word]).toBe(3)
  })

  test('random work leaks nothing and never mixes up bytes', () => {
    const step = fc.record({
      what: fc.constantFrom('alloc', 'alloc', 'clone', 'free', 'drop'),
      length: fc.integer({ min: 0, max: 5000 }),
      which: fc.nat(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const packets = new Packets({ shared, capacity: 24 })
        const live = new Map<number, Uint8Array>()
        let drops = 0
        for (const [n, { what, length, which }] of steps.entries()) {
          const handles = [...live.keys()]
          const chosen = handles[which % Math.max(1, handles.length)]
          if (what === 'alloc') {
            const bytes = Uint8Array.from({ length }, (_, i) => (n * 31 + i) & 0xff)
            const handle = packets.allocFromArray(bytes, COPY.userIn)
            expect(handle < 0).toBe(live.size === 24)
            if (handle < 0) continue
            expect(live.has(handle)).toBe(false)
            live.set(handle, bytes)
          } else if (chosen === undefined) continue
          else if (what === 'clone') {
            const handle = packets.clone(chosen)
            expect(handle < 0).toBe(live.size === 24)
            if (handle >= 0) live.set(handle, live.get(chosen) as Uint8Array)
          } else {
            if (what === 'free') packets.free(chosen)
            else packets.drop(chosen, DROP.DEV_READY)
            if (what === 'drop') drops++
            live.delete(chosen)
          }
        }
        for (const [handle, bytes] of live) expect(bytesOf(packets, handle)).toEqual(bytes)
        expect(packets.table.inUse).toBe(live.size)
        expect(packets.drops.counts[DROP.DEV_READY]).toBe(drops)
        for (const handle of live.keys()) packets.free(handle)
        expect([packets.table.inUse, packets.buffers.inUse, packets.fragments.inUse]).toEqual([0, 0, 0])
      }),
      { numRuns: 150 },
    )
  })
})

test('drops are counted by reason, in the words of the table', () => {
  const packets = new Packets()
  packets.drop(packets.alloc(1), DROP.DEV_READY)
  packets.drop(packets.alloc(1), DROP.CPU_BACKLOG)
  packets.drop(packets.alloc(1), DROP.DEV_READY)
  expect(packets.drops.total).toBe(3)
  expect(packets.drops.entries()).toEqual([
    { name: 'DEV_READY', count: 2 },
    { name: 'CPU_BACKLOG', count: 1 },
  ])
})

test('a batch is filled and emptied', () => {
  const batch = new PacketBatch(2)
  batch.push(7)
  batch.push(8)
  expect([batch.count, batch.room, batch.capacity, ...batch.handles]).toEqual([2, 0, 2, 7, 8])
  batch.clear()
  expect(batch.room).toBe(2)
  expect(() => new PacketBatch(0)).toThrow('capacity')
})

test('every reason says what it means, and whose word it is', () => {
  for (const name of DROP_NAMES) {
    expect(describeDrop(name).doc, name).toMatch(/^[a-z].{5,}/)
    expect(DROP_NAMES[DROP[name]]).toBe(name)
  }
  expect(describeDrop('DEV_READY').of).toBe('linux')
  expect(describeDrop('FLOW_RULE').of).toBe('model')
  expect(DROP.NOT_DROPPED_YET).toBe(0)
})
