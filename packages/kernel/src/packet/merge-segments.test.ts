import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { completeChecksum, fold, sumBytes } from './checksum.ts'
import { COPY } from './copy-reason.ts'
import { bytesOf, pull, push } from './edit.ts'
import * as F from './fields.ts'
import { SegmentMerger } from './merge-segments.ts'
import { Packets } from './packets.ts'
import { appendPages } from './pages.ts'
import { Segmenter } from './segment.ts'

const ETHERNET = 14
const MOST = 65_536
const u16 = (n: number): number[] => [(n >>> 8) & 0xff, n & 0xff]
const u32 = (n: number): number[] => [...u16(n >>> 16), ...u16(n)]

interface Shape {
  readonly v6: boolean
  readonly flow: number
  readonly seq: number
  readonly payload: Uint8Array
  readonly flags?: number
  readonly ack?: number
  readonly id?: number
  readonly ttl?: number
  readonly options?: readonly number[]
}

const sumOf = (bytes: readonly number[]): number => {
  const copy = Uint8Array.from([...bytes, ...new Array(8 - (bytes.length & 3)).fill(0)])
  return fold(sumBytes(copy, new Int32Array(copy.buffer, 0, copy.length >> 2), 0, copy.length & ~3))
}

/** A frame with right checksums. */
function frameOf({ v6, flow, seq, payload, flags = 0x10, ack = 1, id = 0, ttl = 64, options = [] }: Shape): Uint8Array {
  const header = [...u16(1000 + flow), 0, 80, ...u32(seq), ...u32(ack), ((20 + options.length) >> 2) << 4, flags, 1, 0]
  const tcp = [...header, 0, 0, 0, 0, ...options, ...payload]
  const addresses = Array.from({ length: v6 ? 32 : 8 }, (_, n) => n + 1)
  const sum = sumOf([...addresses, 0, 6, ...u32(tcp.length), ...tcp]) ^ 0xffff
  tcp.splice(16, 2, ...u16(sum))
  const ip = v6
    ? [0x60, 0, 0, 0, ...u16(tcp.length), 6, ttl, ...addresses]
    : [0x45, 0, ...u16(20 + tcp.length), ...u16(id), 0x40, 0, ttl, 6, 0, 0, ...addresses]
  if (!v6) ip.splice(10, 2, ...u16(sumOf(ip) ^ 0xffff))
  return Uint8Array.from([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, ...u16(v6 ? 0x86dd : 0x0800), ...ip, ...tcp])
}

/** The packet that a NIC makes of a frame, `linear` bytes of it as its linear part. */
function receive(packets: Packets, frame: Uint8Array, flow: number, linear = frame.length): number {
  const handle = packets.allocFromArray(frame.subarray(0, linear), COPY.wireIn)
  expect(appendPages(packets, handle, frame.subarray(linear), COPY.wireIn)).toBe(true)
  const { fields } = packets
  const i = handle << F.PKT_SHIFT
  fields[i + F.PKT_MAC] = fields[i + F.PKT_DATA]
  fields[i + F.PKT_NETWORK] = fields[i + F.PKT_DATA] + ETHERNET
  fields[i + F.PKT_PROTOCOL] = (frame[12] << 8) | frame[13]
  fields[i + F.PKT_HASH] = flow
  fields[i + F.PKT_STATE] |= F.CSUM_UNNECESSARY
  pull(packets, handle, ETHERNET)
  return handle
}

function mergeAll(packets: Packets, handles: readonly number[]): number[] {
  const merger = new SegmentMerger()
  const left = handles.filter((handle) => !merger.merge(packets, handle, MOST, MOST))
  merger.finish(packets)
  return left
}

/** The frames that a device sends of a packet that it has to cut, with checksums. */
function forward(packets: Packets, handle: number): Uint8Array[] {
  expect(push(packets, handle, ETHERNET)).toBe(true)
  return send(packets, handle)
}

function send(packets: Packets, handle: number): Uint8Array[] {
  if (packets.fields[(handle << F.PKT_SHIFT) + F.PKT_GSO] === 0) {
    const bytes = bytesOf(packets, handle)
    packets.free(handle)
    return [bytes]
  }
  const segmenter = new Segmenter()
  const segments = Array.from({ length: segmenter.begin(packets, handle) }, () => segmenter.next(packets))
  packets.free(handle)
  return segments.flatMap((segment) => {
    completeChecksum(packets, segment)
    return send(packets, segment)
  })
}

const sourcePort = (bytes: Uint8Array): number => {
  const at = ETHERNET + (bytes[ETHERNET] >>> 4 === 6 ? 40 : 20)
  return (bytes[at] << 8) | bytes[at + 1]
}

describe('segments that follow each other', () => {
  const size = 100
  const stream = (count: number, more: Partial<Shape> = {}): Uint8Array[] =>
    Array.from({ length: count }, (_, n) =>
      frameOf({ v6: false, flow: 0, seq: n * size, id: n, payload: new Uint8Array(size).fill(n), ...more }),
    )
  const counts = (frames: readonly Uint8Array[]): number[] => {
    const packets = new Packets()
    const left = mergeAll(
      packets,
      frames.map((frame) => receive(packets, frame, 0)),
    )
    return left.map((handle) => Math.max(1, packets.fields[(handle << F.PKT_SHIFT) + F.PKT_GSO] >>> 16))
  }

  test('become one packet, of no more than 65535 bytes', () => {
    expect(counts(stream(5))).toEqual([5])
    expect(counts(stream(700))).toEqual([654, 46])
  })

  test('end with a short one, or one that is pushed', () => {
    const push = frameOf({ v6: false, flow: 0, seq: 200, flags: 0x18, payload: new Uint8Array(size) })
    const short = frameOf({ v6: false, flow: 0, seq: 200, payload: new Uint8Array(size - 1) })
    const rest = frameOf({ v6: false, flow: 0, seq: 300, payload: new Uint8Array(size) })
    expect(counts([...stream(2), push, rest])).toEqual([3, 1])
    expect(counts([...stream(2), short, rest])).toEqual([3, 1])
  })

  test.each([
    ['an ACK of something else', { ack: 2 }],
    ['another option', { options: [1, 1, 1, 0] }],
    ['other hops', { ttl: 63 }],
    ['a reset', { flags: 0x14 }],
    ['a longer payload', { payload: new Uint8Array(size + 1) }],
    ['a gap before it', { seq: 201 }],
    ['no payload', { payload: new Uint8Array(0) }],
  ])('stay apart with %s', (_, difference) => {
    const odd = frameOf({ v6: false, flow: 0, seq: 200, payload: new Uint8Array(size), ...difference })
    expect(counts([...stream(2), odd])).toEqual([2, 1])
  })
})

test('cut again they are what they were, and in the same order', () => {
  const piece = fc.record({
    flow: fc.nat(3),
    length: fc.integer({ min: 0, max: 300 }),
    flags: fc.constantFrom(0x10, 0x18, 0x11),
  })
  const run = fc.record({
    flow: fc.nat(9),
    size: fc.integer({ min: 1, max: 400 }),
    count: fc.integer({ min: 1, max: 25 }),
  })
  const work = fc.array(fc.oneof(piece, run), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(work, fc.boolean(), fc.boolean(), (pieces, v6, split) => {
      const next = new Map<number, { seq: number; id: number }>()
      const frames = pieces.flatMap((one) => {
        const count = 'count' in one ? one.count : 1
        const length = 'size' in one ? one.size : one.length
        const at = next.get(one.flow) ?? { seq: 0xffff_fc00, id: 0 }
        next.set(one.flow, at)
        return Array.from({ length: count }, () => {
          const payload = Uint8Array.from({ length }, (_, n) => at.seq + n)
          const flags = 'flags' in one ? one.flags : 0x10
          const frame = frameOf({ v6, flow: one.flow, seq: at.seq, id: at.id++, payload, flags })
          at.seq += length
          return frame
        })
      })
      const packets = new Packets()
      const headers = ETHERNET + (v6 ? 40 : 20) + 20
      const handles = frames.map((frame) => receive(packets, frame, sourcePort(frame), split ? headers : frame.length))
      const sent = mergeAll(packets, handles).flatMap((handle) => forward(packets, handle))
      const flowsOf = (list: readonly Uint8Array[]) =>
        [...next.keys()].map((flow) => list.filter((bytes) => sourcePort(bytes) === 1000 + flow))
      expect(flowsOf(sent)).toEqual(flowsOf(frames))
      expect(packets.buffers.inUse).toBe(0)
      expect(packets.fragments.inUse).toBe(0)
    }),
    { numRuns: 40 },
  )
})
