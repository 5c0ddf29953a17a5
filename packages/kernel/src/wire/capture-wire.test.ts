import { describe, expect, test } from 'vitest'
import { PacketBatch } from '../packet/batch.ts'
import { COPY } from '../packet/copy-reason.ts'
import * as F from '../packet/fields.ts'
import type { Region } from '../packet/memory.ts'
import { Packets } from '../packet/packets.ts'
import { simulatedWorld } from '../world.ts'
import { CaptureSink } from './capture-sink.ts'
import { type CaptureInput, CaptureSource, type CaptureSourceOptions } from './capture-source.ts'
import { parseCapture } from './pcap/read.ts'
import { CaptureBuilder } from './pcap/testing/capture-builder.ts'
import { SplitWire } from './split-wire.ts'
import { WireFrame } from './wire.ts'

const MICROSECOND = 1000n
/** A pcap file of frames of one byte, at the given microseconds. */
const capture = (times: readonly number[], link = 1) => {
  const b = new CaptureBuilder().u32(0xa1b2c3d4).u16(2, 4).u32(0, 0, 262144, link)
  for (const [n, time] of times.entries()) b.u32(1_700_000_000, time, 1, 60).u8(n)
  return b.build()
}

const played = (input: CaptureInput, options: CaptureSourceOptions = {}) => {
  const source = new CaptureSource(input, options)
  const wire = new SplitWire(source, undefined)
  const seen = { ready: 0, done: [] as (Error | undefined)[] }
  wire.attach({
    packets: new Packets(),
    ready: () => seen.ready++,
    carrier: () => undefined,
    unplugged: () => undefined,
  })
  const frame = new WireFrame()
  return {
    source,
    wire,
    frame,
    seen,
    play: (more: { frames?: number; loop?: number } = {}) =>
      source.play({ ...more, done: (error) => seen.done.push(error) }),
    /** First bytes of all frames that can be had now. */
    fetch: () => {
      const got: number[] = []
      while (wire.next(frame)) got.push(frame.bytes.u8[frame.offset])
      return got
    },
  }
}

describe('a capture as source, at full speed', () => {
  test('gives frames as the NIC fetches them, once told to play', () => {
    const { source, play, fetch, seen, frame } = played(capture([10, 20, 30]))
    expect(fetch()).toEqual([])
    play()
    expect(seen.ready).toBe(1)
    expect(fetch()).toEqual([0, 1, 2])
    expect(frame).toMatchObject({ handle: -1, length: 1, originalLength: 60 })
    expect((BigInt(frame.tsHi) << 32n) | BigInt(frame.tsLo)).toBe(1_700_000_000_000_030_000n)
    expect([source.frames, source.bytes, source.finished, seen.done]).toEqual([3, 3, true, [undefined]])
    expect(() => play()).not.toThrow()
    expect(fetch()).toEqual([0, 1, 2])
  })

  test('pauses after a number of frames and goes on from there; plays several passes', () => {
    const { source, play, fetch, seen } = played(capture([10, 20, 30]))
    play({ frames: 2 })
    expect(fetch()).toEqual([0, 1])
    expect([source.finished, seen.done.length]).toEqual([false, 1])
    play({ frames: 5, loop: 3 })
    expect(() => play()).toThrow('already')
    expect(fetch()).toEqual([2, 0, 1, 2, 0])
    expect(seen.done).toEqual([undefined, undefined])
    play({ loop: 2 })
    expect(fetch()).toEqual([1, 2, 0, 1, 2])
    expect(source.finished).toBe(true)
  })

  test('reads a stream only as far as frames are fetched', async () => {
    const bytes = capture([1, 2, 3, 4])
    let given = 0
    let closed = 0
    const stream = async function* () {
      try {
        for (let at = 0; at < bytes.length; at += 20) {
          given = at
          yield bytes.slice(at, at + 20)
        }
      } finally {
        closed++
      }
    }
    const { play, fetch, seen, source, wire } = played(stream)
    play({ loop: 2 })
    const got: number[] = []
    while (got.length < 2) {
      got.push(...fetch())
      await Promise.resolve()
    }
    expect(given).toBeLessThan(bytes.length - 20)
    while (!source.finished) {
      got.push(...fetch())
      await Promise.resolve()
    }
    expect(got).toEqual([0, 1, 2, 3, 0, 1, 2, 3])
    expect([seen.done, closed]).toEqual([[undefined], 2])
    play()
    fetch()
    await Promise.resolve()
    await Promise.resolve()
    fetch()
    wire.detach()
    await new Promise((resolve) => setTimeout(resolve, 0))
    expect([fetch(), seen.done.length, closed]).toEqual([[], 2, 3])
  })

  test('takes an iterable of chunks too', () => {
    const bytes = capture([1, 2])
    const { play, fetch } = played(() => [bytes.subarray(0, 30), bytes.subarray(30)])
    play()
    expect(fetch()).toEqual([0, 1])
  })

  test('a stream that fails ends the play with its error', async () => {
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield capture([1])
      throw new Error('disk on fire')
    }
    const { play, fetch, seen } = played(failing)
    play()
    while (seen.done.length === 0) {
      fetch()
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
    expect(seen.done[0]?.message).toBe('disk on fire')
  })

  test('a damaged capture ends the play where it is damaged', () => {
    const { play, fetch, seen, source } = played(capture([1, 2]).subarray(0, 50))
    play()
    expect(fetch()).toEqual([0])
    expect(seen.done[0]?.message).toBe('the capture ends inside a record header (byte 50)')
    expect(source.finished).toBe(false)
  })

  test('only Ethernet goes over the wire of a NIC', () => {
    const { play, fetch, seen } = played(capture([1], 105))
    play()
    expect(fetch()).toEqual([])
    expect(seen.done[0]?.message).toBe(
      "interface 0 of the capture has link type 105 (IEEE802_11); a NIC's wire carries link type 1 (ETHERNET) (byte 24)",
    )
  })

  test('checksums at the end of frames are taken off', () => {
    const b = new CaptureBuilder().u32(0xa1b2c3d4).u16(2, 4).u32(0, 0, 0, 0x24000001)
    b.u32(0, 0, 6, 6).u8(1, 2, 3, 4, 5, 6).u32(0, 0, 6, 9).u8(1, 2, 3, 4, 5, 6)
    const { play, wire, frame } = played(b.build())
    play()
    wire.next(frame)
    expect([frame.length, frame.originalLength]).toEqual([2, 2])
    wire.next(frame)
    expect([frame.length, frame.originalLength]).toEqual([6, 9])
  })
})

describe('a capture as source, by its timestamps', () => {
  test('frames become due as time passes, and the NIC is told', () => {
    const world = simulatedWorld()
    world.advance(5_000_000n)
    const { play, fetch, seen } = played(capture([100, 150, 150, 90, 400]), { pace: 'timestamps', world })
    play()
    expect(fetch()).toEqual([0])
    world.advance(49n * MICROSECOND)
    expect(fetch()).toEqual([])
    const before = seen.ready
    world.advance(1n * MICROSECOND)
    expect(seen.ready).toBe(before + 1)
    // The fourth has a time before the third: it is due at once.
    expect(fetch()).toEqual([1, 2, 3])
    world.advance(250n * MICROSECOND)
    expect(fetch()).toEqual([4])
    expect(seen.done).toEqual([undefined])
  })

  test('faster or slower when asked; each pass and each stretch begins at once', () => {
    const world = simulatedWorld()
    const { play, fetch } = played(capture([0, 100]), { pace: 'timestamps', world, speed: 10 })
    play({ loop: 2 })
    expect(fetch()).toEqual([0])
    world.advance(10n * MICROSECOND)
    expect(fetch()).toEqual([1, 0])
    world.advance(10n * MICROSECOND)
    expect(fetch()).toEqual([1])
    expect(() => new CaptureSource(capture([]), { speed: 0 })).toThrow('more than 0')
    expect(() => new CaptureSource(capture([]), { pace: 'timestamps' })).toThrow('clock')
  })

  test('unplugging cancels what is scheduled', () => {
    const world = simulatedWorld()
    const { play, fetch, wire, seen } = played(capture([0, 100]), { pace: 'timestamps', world })
    play()
    fetch()
    wire.detach()
    const before = seen.ready
    expect(world.runAll()).toBe(0)
    expect([seen.ready, fetch()]).toEqual([before, []])
  })
})

describe('a capture as sink', () => {
  const sent = (options: { format?: 'pcap' | 'pcapng' }) => {
    const world = simulatedWorld()
    world.advance(7n)
    const chunks: Uint8Array[] = []
    const sink = new CaptureSink({
      emit: (chunk) => chunks.push(chunk),
      world,
      epoch: 1_700_000_000_000_000_000n,
      ...options,
    })
    const packets = new Packets()
    const wire = new SplitWire(undefined, sink)
    wire.attach({ packets, ready: () => undefined, carrier: () => undefined, unplugged: () => undefined })
    const area = packets.memory.reserve('area', 64) as Region
    packets.memory.copyArrayIn(area.offset, Uint8Array.of(7, 8), COPY.userIn)
    const owner = packets.fragments.addOwner({ retain: () => undefined, release: () => undefined })
    const batch = new PacketBatch()
    for (const flags of [0, F.FLAG_UNREADABLE]) {
      const handle = packets.allocFromArray(Uint8Array.of(1, 2, 3), COPY.userIn)
      const i = handle << F.PKT_SHIFT
      packets.fields[i + F.PKT_FRAGMENTS] = packets.fragments.alloc(area.offset, 2, owner, 0)
      packets.fields[i + F.PKT_LENGTH] += 2
      packets.fields[i + F.PKT_STATE] = flags
      batch.push(handle)
    }
    wire.transmit(batch)
    expect(batch.count).toBe(0)
    wire.detach()
    expect([packets.table.inUse, packets.fragments.inUse]).toEqual([0, 0])
    expect([sink.frames, sink.bytes]).toEqual([2, 10])
    return [...parseCapture(Uint8Array.from(chunks.flatMap((chunk) => [...chunk])))]
  }

  test.each(['pcapng', 'pcap'] as const)('%s: what the NIC sends, with the time of the world', (format) => {
    const [first, second] = sent({ format })
    expect(first).toMatchObject({
      timestamp: 1_700_000_000_000_000_007n,
      data: Uint8Array.of(1, 2, 3, 7, 8),
      originalLength: 5,
    })
    // Hardware sends also what the kernel must not read.
    expect(second).toMatchObject({ data: Uint8Array.of(1, 2, 3, 7, 8), originalLength: 5 })
    expect(first.direction).toBe(format === 'pcapng' ? 'outbound' : undefined)
    expect(first.interface.name).toBe(format === 'pcapng' ? 'wire' : undefined)
  })
})
