import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { byteViews } from './copy.ts'
import { COPY } from './copy-reason.ts'
import {
  bytesOf,
  headroomOf,
  isShared,
  makeLinear,
  makeWritable,
  pull,
  push,
  put,
  readBytes,
  tailroomOf,
  trim,
} from './edit.ts'
import * as F from './fields.ts'
import type { Region } from './memory.ts'
import { Packets } from './packets.ts'

const bytes = (length: number, seed = 1) => Uint8Array.from({ length }, (_, i) => (seed * 53 + i * 7) & 0xff)

/** A packet of `head` and fragments of an area whose references are counted by fragment number. */
const fragmented = (head: Uint8Array, parts: Uint8Array[]) => {
  const packets = new Packets()
  const area = packets.memory.reserve('area', 65536) as Region
  const refs = parts.map(() => 1)
  const owner = packets.fragments.addOwner({
    retain: (cookie) => refs[cookie]++,
    release: (cookie) => refs[cookie]--,
  })
  const handle = packets.allocFromArray(head, COPY.userIn)
  const i = handle << F.PKT_SHIFT
  let at = area.offset
  let last = 0
  parts.forEach((part, cookie) => {
    packets.memory.copyArrayIn(at, part, COPY.userIn)
    const fragment = packets.fragments.alloc(at, part.length, owner, cookie)
    if (last === 0) packets.fields[i + F.PKT_FRAGMENTS] = fragment
    else packets.fragments.link(last, fragment)
    last = fragment
    at += part.length + 3
  })
  packets.fields[i + F.PKT_LENGTH] += parts.reduce((sum, part) => sum + part.length, 0)
  return { packets, handle, refs, i }
}

const whole = (head: Uint8Array, parts: Uint8Array[]) => Uint8Array.from([head, ...parts].flatMap((part) => [...part]))

describe('rooms', () => {
  test('pull takes off the front and push gives back', () => {
    const packets = new Packets()
    const handle = packets.allocFromArray(bytes(60), COPY.userIn, 20)
    expect(pull(packets, handle, 14)).toBe(true)
    expect(bytesOf(packets, handle)).toEqual(bytes(60).slice(14))
    expect(pull(packets, handle, 47)).toBe(false)
    expect(push(packets, handle, 14)).toBe(true)
    expect(bytesOf(packets, handle)).toEqual(bytes(60))
    const room = headroomOf(packets, handle)
    expect(push(packets, handle, room + 1)).toBe(false)
    expect(push(packets, handle, room)).toBe(true)
    expect(headroomOf(packets, handle)).toBe(0)
  })

  test('put lengthens at the end while there is room', () => {
    const packets = new Packets()
    const handle = packets.allocFromArray(bytes(60), COPY.userIn)
    const room = tailroomOf(packets, handle)
    expect(put(packets, handle, room + 1)).toBe(false)
    expect(put(packets, handle, room)).toBe(true)
    expect(packets.fields[(handle << F.PKT_SHIFT) + F.PKT_LENGTH]).toBe(60 + room)
    expect(tailroomOf(packets, handle)).toBe(0)
  })

  test('more room moves the packet and its header offsets', () => {
    const packets = new Packets()
    const handle = packets.allocFromArray(bytes(60), COPY.userIn, 0)
    const i = handle << F.PKT_SHIFT
    const data = packets.fields[i + F.PKT_DATA]
    packets.fields[i + F.PKT_MAC] = data
    packets.fields[i + F.PKT_NETWORK] = data + 14
    expect(makeWritable(packets, handle, 300, 3000)).toBe(true)
    const moved = packets.fields[i + F.PKT_DATA]
    expect(moved).not.toBe(data)
    expect([packets.fields[i + F.PKT_MAC], packets.fields[i + F.PKT_NETWORK]]).toEqual([moved, moved + 14])
    expect(packets.fields[i + F.PKT_TRANSPORT]).toBe(0)
    expect(headroomOf(packets, handle)).toBeGreaterThanOrEqual(300)
    expect(tailroomOf(packets, handle)).toBeGreaterThanOrEqual(3000)
    expect(bytesOf(packets, handle)).toEqual(bytes(60))
    expect(packets.buffers.inUse).toBe(1)
    expect(packets.memory.copies.bytes[COPY.expand]).toBe(60)
  })
})

describe('clones', () => {
  test('share bytes until one of them writes', () => {
    const packets = new Packets()
    const first = packets.allocFromArray(bytes(60), COPY.userIn)
    expect(makeWritable(packets, first)).toBe(true)
    expect(packets.memory.copies.bytes[COPY.unshare]).toBe(0)
    const second = packets.clone(first)
    expect([isShared(packets, first), isShared(packets, second)]).toEqual([true, true])
    expect(makeWritable(packets, second)).toBe(true)
    expect([isShared(packets, first), isShared(packets, second)]).toEqual([false, false])
    expect(packets.memory.copies.bytes[COPY.unshare]).toBe(60)
    packets.memory.u8[packets.fields[(second << F.PKT_SHIFT) + F.PKT_DATA]] = 0xaa
    expect(bytesOf(packets, first)).toEqual(bytes(60))
    expect(bytesOf(packets, second)[0]).toBe(0xaa)
    packets.free(first)
    packets.free(second)
    expect(packets.buffers.inUse).toBe(0)
  })

  test('take a reference of their own on each fragment', () => {
    const { packets, handle, refs } = fragmented(bytes(40), [bytes(100, 2), bytes(50, 3)])
    const copy = packets.clone(handle)
    expect(refs).toEqual([2, 2])
    expect(trim(packets, copy, 60)).toBe(true)
    expect(refs).toEqual([2, 1])
    packets.free(handle)
    expect(refs).toEqual([1, 0])
    expect(bytesOf(packets, copy)).toEqual(whole(bytes(40), [bytes(20, 2)]))
    packets.free(copy)
    expect(refs).toEqual([0, 0])
    expect(packets.fragments.inUse).toBe(0)
  })
})

describe('fragments', () => {
  test('linear bytes are taken from fragments as far as asked', () => {
    const parts = [bytes(10, 2), bytes(20, 3), bytes(30, 4)]
    const { packets, handle, refs, i } = fragmented(bytes(5), parts)
    expect(makeLinear(packets, handle, 66)).toBe(false)
    expect(makeLinear(packets, handle, 22)).toBe(true)
    expect(refs).toEqual([0, 1, 1])
    expect(packets.fields[i + F.PKT_LINEAR]).toBe(22)
    expect(bytesOf(packets, handle)).toEqual(whole(bytes(5), parts))
    expect(makeLinear(packets, handle, 65)).toBe(true)
    expect(refs).toEqual([0, 0, 0])
    expect(packets.fields[i + F.PKT_FRAGMENTS]).toBe(0)
    expect(bytesOf(packets, handle)).toEqual(whole(bytes(5), parts))
    expect(packets.memory.copies.bytes[COPY.linearize]).toBe(60)
  })

  test('of memory that cannot be read, only the linear part is', () => {
    const { packets, handle, i } = fragmented(bytes(40), [bytes(100, 2)])
    packets.fields[i + F.PKT_STATE] |= F.FLAG_UNREADABLE
    expect(bytesOf(packets, handle)).toEqual(bytes(40))
    expect(makeLinear(packets, handle, 41)).toBe(false)
    expect(readBytes(packets, handle, 39, 2, byteViews(new Uint8Array(8)), 0, COPY.userOut)).toBe(false)
    expect(readBytes(packets, handle, 39, 1, byteViews(new Uint8Array(8)), 0, COPY.userOut)).toBe(true)
    expect(trim(packets, handle, 40)).toBe(true)
    expect(packets.fields[i + F.PKT_STATE] & F.FLAG_UNREADABLE).toBe(0)
  })

  test('reading and cutting agree with the bytes put in', () => {
    const part = fc.uint8Array({ minLength: 1, maxLength: 90 })
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 90 }),
        fc.array(part, { maxLength: 5 }),
        fc.nat(),
        fc.nat(),
        fc.nat(),
        (head, parts, a, b, c) => {
          const { packets, handle, refs } = fragmented(head, parts)
          const all = whole(head, parts)
          const from = a % (all.length + 1)
          const length = b % (all.length + 1 - from)
          const out = byteViews(new Uint8Array(512))
          expect(readBytes(packets, handle, from, length, out, 5, COPY.userOut)).toBe(true)
          expect(out.u8.subarray(5, 5 + length)).toEqual(all.subarray(from, from + length))
          expect(readBytes(packets, handle, from, all.length - from + 1, out, 5, COPY.userOut)).toBe(false)
          const cut = c % (all.length + 1)
          expect(trim(packets, handle, cut)).toBe(true)
          expect(bytesOf(packets, handle)).toEqual(all.subarray(0, cut))
          expect(trim(packets, handle, cut + 1)).toBe(false)
          packets.free(handle)
          expect(refs.every((count) => count === 0)).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('owners are numbered anew when they leave, and a record is freed once', () => {
    const { packets, handle, i } = fragmented(bytes(4), [bytes(4, 2)])
    const fragment = packets.fields[i + F.PKT_FRAGMENTS]
    packets.free(handle)
    expect(() => packets.fragments.release(fragment)).toThrow('free already')
    const quiet = { retain: () => undefined, release: () => undefined }
    const number = packets.fragments.addOwner(quiet)
    packets.fragments.removeOwner(number)
    expect(packets.fragments.addOwner(quiet)).toBe(number)
    expect(() => packets.fragments.removeOwner(number + 1)).toThrow('does not exist')
  })
})
