import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Attachments, attachmentPieces, packList, unpackList } from './attachments.ts'
import { FRAME, FRAME_HEADER, FrameReader, frame, ProtocolError } from './frames.ts'
import { ATTACHMENTS_LIMIT, FRAME_LIMIT } from './protocol.ts'

const frames = fc.array(
  fc.record({
    type: fc.integer({ min: 0, max: 255 }),
    tag: fc.integer({ min: 0, max: 65535 }),
    payload: fc.uint8Array({ maxLength: 700 }),
  }),
  { maxLength: 12 },
)

test('frames come out as they went in, however the stream is cut', () => {
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }), (list, cuts) => {
      const stream = Buffer.concat(list.map((f) => frame(f.type, f.tag, f.payload)))
      const seen: { type: number; tag: number; payload: number[] }[] = []
      const reader = new FrameReader(1000, (type, tag, payload) => seen.push({ type, tag, payload: [...payload] }))
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = cuts[i % cuts.length]
        reader.push(new Uint8Array(stream.subarray(at, at + size)))
        at += size
      }
      expect(seen).toEqual(list.map((f) => ({ ...f, payload: [...f.payload] })))
    }),
  )
})

test('a frame that is too long is refused as soon as its header is there', () => {
  const reader = new FrameReader(100, () => undefined)
  const header = frame(FRAME.datagram, 0, new Uint8Array(101)).subarray(0, FRAME_HEADER)
  reader.push(header.subarray(0, 5))
  expect(() => reader.push(header.subarray(5))).toThrow(ProtocolError)
  expect(() => new FrameReader(100, () => undefined).push(header)).toThrow(ProtocolError)
})

test('a header that promises much makes nothing large', () => {
  const reader = new FrameReader(FRAME_LIMIT, () => undefined)
  const before = process.memoryUsage().arrayBuffers
  const readers = Array.from({ length: 200 }, () => {
    const one = new FrameReader(FRAME_LIMIT, () => undefined)
    one.push(frame(FRAME.datagram, 0, new Uint8Array(FRAME_LIMIT)).subarray(0, FRAME_HEADER + 100))
    return one
  })
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200 * FRAME_LIMIT)
  expect(readers.length).toBe(200)
  expect(reader.limit).toBe(FRAME_LIMIT)
})

test('attachments are put together from pieces', () => {
  const list = [0, 1, FRAME_LIMIT - 1, FRAME_LIMIT, FRAME_LIMIT + 1, 2 * FRAME_LIMIT].map((n) =>
    new Uint8Array(n).fill(n & 0xff),
  )
  const attachments = new Attachments()
  for (const piece of attachmentPieces(list)) {
    expect(piece.length).toBeLessThanOrEqual(FRAME_LIMIT)
    attachments.put(piece)
  }
  const whole = attachments.take()
  expect(whole.map((bytes) => bytes.length)).toEqual(list.map((bytes) => bytes.length))
  for (const [i, bytes] of whole.entries()) expect(Buffer.compare(bytes, list[i])).toBe(0)
  expect(attachments.take()).toEqual([])
})

test('attachments are bounded, also where they are empty', () => {
  const attachments = new Attachments()
  const piece = new Uint8Array(FRAME_LIMIT)
  expect(() => {
    for (let i = 0; i <= ATTACHMENTS_LIMIT / FRAME_LIMIT; i++) attachments.put(piece)
  }).toThrow(ProtocolError)
  const nothing = new Attachments()
  expect(() => {
    for (let i = 0; i <= ATTACHMENTS_LIMIT / 1024; i++) nothing.put(new Uint8Array(0))
  }).toThrow(ProtocolError)
})

test('lists of byte strings come out as they went in, and any bytes are a list or refused', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (list) => {
      expect(unpackList(packList(list)).map((one) => [...one])).toEqual(list.map((one) => [...one]))
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        unpackList(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError)
      }
    }),
  )
})
