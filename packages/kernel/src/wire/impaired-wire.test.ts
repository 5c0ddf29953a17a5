import type { ImpairmentOptions } from '@netkit/netlink'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PacketBatch } from '../packet/batch.ts'
import { COPY } from '../packet/copy-reason.ts'
import { bytesOf } from '../packet/edit.ts'
import { FLAG_DAMAGED, PKT_SHIFT, PKT_STATE } from '../packet/fields.ts'
import { Packets } from '../packet/packets.ts'
import { simulatedWorld } from '../world.ts'
import { DueQueue } from './due-queue.ts'
import { FunctionSink, InjectSource } from './function-wire.ts'
import { ImpairedWire } from './impaired-wire.ts'
import { Impairment } from './impairment.ts'
import { SplitWire } from './split-wire.ts'
import { WireFrame } from './wire.ts'

const MS = 1_000_000n

/** A NIC with an impaired wire between two functions; frames are numbers, four bytes each unless `length` says more. */
function wired(options: { rx?: ImpairmentOptions; tx?: ImpairmentOptions }, length = 4) {
  const world = simulatedWorld(1)
  const packets = new Packets()
  const sent: { at: bigint; n: number }[] = []
  const received: { at: bigint; n: number }[] = []
  const number = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  const source = new InjectSource(10_000)
  const sink = new FunctionSink((frame) => sent.push({ at: world.now() / MS, n: number(frame) }))
  const make = (o: ImpairmentOptions | undefined) => o && new Impairment({ ...o, seed: o.seed ?? 1 })
  const frame = new WireFrame()
  let damaged = 0
  const port = {
    packets,
    carrier: () => undefined,
    unplugged: () => undefined,
    ready: () => {
      while (wire.next(frame)) {
        const handle =
          frame.handle >= 0 ? frame.handle : packets.allocFrom(frame.bytes, frame.offset, frame.length, COPY.wireIn)
        if ((packets.fields[(handle << PKT_SHIFT) + PKT_STATE] & FLAG_DAMAGED) !== 0) damaged++
        received.push({ at: world.now() / MS, n: number(bytesOf(packets, handle)) })
        packets.free(handle)
      }
    },
  }
  const wire = new ImpairedWire(new SplitWire(source, sink), port, world, {
    rx: make(options.rx),
    tx: make(options.tx),
  })
  wire.attach(port)
  wire.enable(true)
  const bytes = (n: number) => {
    const frame = new Uint8Array(length)
    new DataView(frame.buffer).setUint32(0, n)
    return frame
  }
  return {
    world,
    packets,
    wire,
    sent,
    received,
    damaged: () => damaged,
    send(from: number, to: number) {
      const batch = new PacketBatch(64)
      for (let n = from; n < to; n++) {
        batch.push(packets.allocFromArray(bytes(n), COPY.userIn))
        if (batch.room === 0 || n === to - 1) wire.transmit(batch)
      }
    },
    inject: (from: number, to: number) => source.inject(Array.from({ length: to - from }, (_, i) => bytes(from + i))),
  }
}

const DIRECTIONS = ['rx', 'tx'] as const

describe.each(DIRECTIONS)('an impaired wire, %s', (direction) => {
  const make = (options: ImpairmentOptions, length?: number) => {
    const all = wired({ [direction]: options }, length)
    return {
      ...all,
      push: direction === 'rx' ? all.inject : all.send,
      came: direction === 'rx' ? all.received : all.sent,
      counters: all.wire[direction] as Impairment,
    }
  }

  test('loses the share that was asked for, the same frames with the same seed', () => {
    const once = make({ loss: 0.1, seed: 7 })
    once.push(0, 10_000)
    expect(once.counters.lost).toBeGreaterThan(900)
    expect(once.counters.lost).toBeLessThan(1100)
    expect(once.came.length + once.counters.lost).toBe(10_000)
    const again = make({ loss: 0.1, seed: 7 })
    again.push(0, 10_000)
    expect(again.came).toEqual(once.came)
    const other = make({ loss: 0.1, seed: 8 })
    other.push(0, 10_000)
    expect(other.came).not.toEqual(once.came)
    expect(once.packets.table.inUse).toBe(0)
  })

  test.each<readonly [string, ImpairmentOptions]>([
    ['correlation', { loss: 0.1, lossCorrelation: 0.8 }],
    ['the chain of two states', { burst: 0.02, burstEnd: 0.18 }],
  ])('loses as much in bursts by %s', (_, options) => {
    const { push, came, counters } = make(options)
    push(0, 10_000)
    expect(counters.lost).toBeGreaterThan(700)
    expect(counters.lost).toBeLessThan(1300)
    // Apart, nearly every lost frame would be a gap of its own.
    const gaps = came.filter(({ n }, i) => i > 0 && n > came[i - 1].n + 1).length
    expect(gaps).toBeLessThan(counters.lost / 3)
  })

  test('delays, and lets time alone decide when frames come', () => {
    const { push, came, world, packets } = make({ delay: 10 })
    push(0, 2)
    world.advance(5n * MS)
    push(2, 3)
    expect(came).toEqual([])
    world.advance(5n * MS)
    expect(came.map(({ n }) => n)).toEqual([0, 1])
    world.advance(100n * MS)
    expect(came).toEqual([
      { at: 10n, n: 0 },
      { at: 10n, n: 1 },
      { at: 15n, n: 2 },
    ])
    expect(packets.table.inUse).toBe(0)
  })

  test('varies the delay within bounds, which changes the order', () => {
    const { push, came, world } = make({ delay: 10, jitter: 5 })
    push(0, 500)
    world.advance(100n * MS)
    expect(came).toHaveLength(500)
    for (const { at } of came) {
      expect(at).toBeGreaterThanOrEqual(5n)
      expect(at).toBeLessThanOrEqual(15n)
    }
    expect(came.map(({ n }) => n)).not.toEqual(Array.from({ length: 500 }, (_, n) => n))
  })

  test('lets a share of the frames overtake', () => {
    const { push, came, world, counters } = make({ delay: 10, reorder: 0.25 })
    push(0, 800)
    const first = came.length
    expect(first).toBe(counters.reordered)
    expect(first).toBeGreaterThan(150)
    expect(first).toBeLessThan(250)
    world.advance(10n * MS)
    expect(came).toHaveLength(800)
  })

  test('lets every n-th frame overtake', () => {
    const { push, came } = make({ delay: 10, reorder: 1, gap: 5 })
    push(1, 21)
    expect(came.map(({ n }) => n)).toEqual([5, 10, 15, 20])
  })

  test('duplicates, and each of the two may be lost', () => {
    const { push, came, counters, packets } = make({ duplicate: 0.5 })
    push(0, 1000)
    expect(came).toHaveLength(1000 + counters.duplicated)
    expect(counters.duplicated).toBeGreaterThan(400)
    expect(packets.table.inUse).toBe(0)
  })

  test('changes one bit of a frame, and of no other', () => {
    const { push, came, counters, damaged } = make({ corrupt: 0.1 })
    push(0, 1000)
    const changed = came.filter(({ n }, i) => n !== i)
    expect(changed).toHaveLength(counters.corrupted)
    expect(counters.corrupted).toBeGreaterThan(50)
    for (const { n } of changed) {
      const difference = n ^ came.findIndex((frame) => frame.n === n)
      expect(difference & (difference - 1)).toBe(0)
    }
    if (direction === 'rx') expect(damaged()).toBe(counters.corrupted)
  })

  test('sends as fast as the rate, and loses what finds the queue full', () => {
    // 125 bytes at 1 Mbit/s: one millisecond each.
    const { push, came, world, counters, packets } = make({ rate: 1e6, limit: 10 }, 125)
    push(0, 15)
    expect(counters.overlimit).toBe(5)
    world.advance(100n * MS)
    expect(came.map(({ at }) => at)).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n])
    expect(packets.table.inUse).toBe(0)
  })

  test('loses what is on its way when it ends', () => {
    const { push, came, world, wire, packets } = make({ delay: 10, duplicate: 1 })
    push(0, 100)
    wire.clear()
    world.advance(100n * MS)
    expect(came).toEqual([])
    expect(packets.table.inUse).toBe(0)
  })
})

test('packets leave a queue by time, then in the order in which they came', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (times) => {
      const queue = new DueQueue(times.length)
      for (const [handle, time] of times.entries()) queue.push(handle, time)
      const out = times.map(() => queue.pop())
      expect(out).toEqual([...times.keys()].sort((a, b) => times[a] - times[b] || a - b))
      expect(queue.count).toBe(0)
    }),
  )
})
