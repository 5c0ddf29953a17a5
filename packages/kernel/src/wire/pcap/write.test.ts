import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { byteViews } from '../../packet/copy.ts'
import { PcapWriter } from './pcap-writer.ts'
import { commentOption } from './pcapng-options.ts'
import { PacketHead, PcapngWriter } from './pcapng-writer.ts'
import { parseCapture } from './read.ts'
import { bigToTime, timeBetween, timeToBig, timeToSeconds } from './timestamp.ts'

const collected = () => {
  const chunks: Uint8Array[] = []
  return {
    chunks,
    emit: (chunk: Uint8Array) => void chunks.push(chunk),
    bytes: () => Uint8Array.from(chunks.flatMap((chunk) => [...chunk])),
  }
}

const packets = fc.array(
  fc.record({
    iface: fc.nat(2),
    timestamp: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    data: fc.uint8Array({ maxLength: 300 }),
    lead: fc.nat(7),
    more: fc.nat(1000),
    flags: fc.nat(3),
    dropCount: fc.nat({ max: 2 ** 40 }),
    packetId: fc.integer({ min: -1, max: 2 ** 31 }),
    queue: fc.integer({ min: -1, max: 1023 }),
    comment: fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }),
  }),
  { maxLength: 30 },
)

test('pcapng: what is written is read back, in chunks that begin and end at a block', () => {
  fc.assert(
    fc.property(packets, fc.integer({ min: 64, max: 2000 }), (list, chunkBytes) => {
      const out = collected()
      const writer = new PcapngWriter(
        out.emit,
        { application: 'test', hardware: 'h', os: 'o', comment: 'c' },
        chunkBytes,
      )
      for (const name of ['eth0', 'nk0', 'ü']) writer.addInterface({ name, description: `${name}!`, snapLength: 4096 })
      const head = new PacketHead()
      for (const { iface, timestamp, data, lead, more, comment, ...rest } of list) {
        const from = new Uint8Array(lead + data.length)
        from.set(data, lead)
        Object.assign(head, rest, { iface, originalLength: data.length + more })
        bigToTime(timestamp, head)
        head.comment = comment === undefined ? undefined : commentOption(comment)
        const before = writer.written
        writer.packet(head, byteViews(from), lead, data.length)
        expect(writer.written - before).toBe(writer.blockSize(head, data.length))
      }
      writer.flush()
      const bytes = out.bytes()
      expect(bytes.length).toBe(writer.written)
      const direction = [undefined, 'inbound', 'outbound', undefined]
      expect(
        [...parseCapture(bytes)].map((record) => ({ ...record, position: 0, interface: record.interface.name })),
      ).toEqual(
        list.map(({ iface, timestamp, data, more, flags, dropCount, packetId, queue, comment }) => ({
          position: 0,
          interface: ['eth0', 'nk0', 'ü'][iface],
          timestamp,
          data,
          originalLength: data.length + more,
          comments: comment === undefined ? [] : [comment],
          ...(direction[flags] && { direction: direction[flags] }),
          ...(dropCount > 0 && { dropCount: BigInt(dropCount) }),
          ...(packetId >= 0 && { packetId: BigInt(packetId) }),
          ...(queue >= 0 && { queue }),
        })),
      )
      for (const chunk of out.chunks) {
        let at = 0
        const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length)
        while (at < chunk.length) at += view.getUint32(at + 4, true)
        expect(at).toBe(chunk.length)
      }
    }),
    { numRuns: 200 },
  )
})

describe('pcap', () => {
  test.each([true, false])('what is written is read back, nanoseconds: %s', (nanoseconds) => {
    fc.assert(
      fc.property(packets, (list) => {
        const out = collected()
        const writer = new PcapWriter(out.emit, { nanoseconds, chunkBytes: 500 })
        const range = 4294967296n * 1_000_000_000n
        for (const { timestamp, data, more } of list) {
          const time = { tsHi: 0, tsLo: 0 }
          bigToTime(timestamp % range, time)
          writer.packet(time, byteViews(data), data.byteOffset, data.length, data.length + more)
        }
        writer.flush()
        expect(out.bytes().length).toBe(writer.written)
        expect(
          [...parseCapture(out.bytes())].map(({ timestamp, data, originalLength }) => ({
            timestamp,
            data,
            originalLength,
          })),
        ).toEqual(
          list.map(({ timestamp, data, more }) => ({
            timestamp: nanoseconds ? timestamp % range : ((timestamp % range) / 1000n) * 1000n,
            data,
            originalLength: data.length + more,
          })),
        )
      }),
      { numRuns: 100 },
    )
  })
})

test('a chunk that was emitted does not change any more', () => {
  const out = collected()
  const writer = new PcapngWriter(out.emit)
  writer.flush()
  const first = out.chunks[0].slice()
  writer.addInterface({ name: 'eth0' })
  writer.flush()
  expect(out.chunks[0]).toEqual(first)
  expect(out.chunks.length).toBe(2)
})

test('comments longer than an option are cut between characters', () => {
  const words = commentOption('ä'.repeat(40_000))
  expect(words[0] >>> 16).toBe(65534)
  const text = new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(words.buffer, 4, words[0] >>> 16))
  expect(text).toBe('ä'.repeat(32_767))
})

test('times in words', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: (1n << 62n) - 1n }),
      fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
      (time, delta) => {
        const a = { tsHi: 0, tsLo: 0 }
        const b = { tsHi: 0, tsLo: 0 }
        bigToTime(time + (1n << 41n), a)
        bigToTime(time + (1n << 41n) + BigInt(delta), b)
        expect(timeToBig(b)).toBe(time + (1n << 41n) + BigInt(delta))
        expect(timeBetween(a, b)).toBe(delta)
        const rest = { nanoseconds: 0 }
        expect(BigInt(timeToSeconds(a, rest)) * 1_000_000_000n + BigInt(rest.nanoseconds)).toBe(timeToBig(a))
      },
    ),
  )
})
