import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { completeChecksum, fold, sumBytes } from './checksum.ts'
import { COPY } from './copy-reason.ts'
import { bytesOf } from './edit.ts'
import * as F from './fields.ts'
import { Packets } from './packets.ts'
import { appendPages } from './pages.ts'
import { Segmenter } from './segment.ts'

const ETHERNET = 14
const FIN_PSH_CWR = 0x89
const ACK = 0x10

interface Shape {
  readonly v6: boolean
  readonly tcp: boolean
  readonly payload: Uint8Array
  /** Payload bytes of the linear part. */
  readonly linear: number
  readonly size: number
}

const put = (bytes: number[], ...more: number[]): void => void bytes.push(...more)
const u16 = (n: number): number[] => [(n >>> 8) & 0xff, n & 0xff]

/** Ethernet, IP and transport header of a packet that is to be cut. */
function headersOf({ v6, tcp, payload }: Shape): Uint8Array {
  const bytes = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, ...u16(v6 ? 0x86dd : 0x0800)]
  const transport = tcp ? 24 : 8
  const length = transport + payload.length
  if (v6) put(bytes, 0x60, 0, 0, 0, ...u16(length), tcp ? 6 : 17, 64, ...Array.from({ length: 32 }, (_, n) => n))
  else put(bytes, 0x45, 0, ...u16(20 + length), 0xff, 0xfe, 0x40, 0, 64, tcp ? 6 : 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2)
  if (tcp)
    put(bytes, 0, 80, 0, 81, 0xff, 0xff, 0xff, 0x00, 1, 2, 3, 4, 0x60, FIN_PSH_CWR | ACK, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1)
  else put(bytes, 0, 53, 0, 54, ...u16(length), 0, 0)
  return Uint8Array.from(bytes)
}

function packetOf(packets: Packets, shape: Shape): number {
  const { v6, tcp, payload, linear, size } = shape
  const headers = headersOf(shape)
  const handle = packets.allocFromArray(Uint8Array.from([...headers, ...payload.subarray(0, linear)]), COPY.userIn)
  expect(appendPages(packets, handle, payload.subarray(linear), COPY.userIn)).toBe(true)
  const { fields } = packets
  const i = handle << F.PKT_SHIFT
  const data = fields[i + F.PKT_DATA]
  const transport = ETHERNET + (v6 ? 40 : 20)
  fields[i + F.PKT_MAC] = data
  fields[i + F.PKT_NETWORK] = data + ETHERNET
  fields[i + F.PKT_TRANSPORT] = data + transport
  fields[i + F.PKT_MARK] = 7
  fields[i + F.PKT_GSO] = size
  fields[i + F.PKT_GSO_TYPE] = tcp ? (v6 ? F.GSO_TCPV6 : F.GSO_TCPV4) : F.GSO_UDP_L4
  fields[i + F.PKT_STATE] |= F.CSUM_PARTIAL
  fields[i + F.PKT_CSUM] = data + transport
  fields[i + F.PKT_CSUM_FIELD] = tcp ? 16 : 6
  return handle
}

/** All segments as frames with their checksums. */
function cut(packets: Packets, handle: number): Uint8Array[] {
  const segmenter = new Segmenter()
  const count = segmenter.begin(packets, handle)
  const segments = Array.from({ length: count }, () => segmenter.next(packets))
  packets.free(handle)
  return segments.map((segment) => {
    completeChecksum(packets, segment)
    expect(packets.fields[(segment << F.PKT_SHIFT) + F.PKT_MARK]).toBe(7)
    const bytes = bytesOf(packets, segment)
    packets.free(segment)
    return bytes
  })
}

const sum = (bytes: Uint8Array): number => {
  const copy = Uint8Array.from([...bytes, 0, 0, 0, 0])
  return fold(sumBytes(copy, new Int32Array(copy.buffer, 0, copy.length >> 2), 0, bytes.length))
}

const shapes = fc.record({
  v6: fc.boolean(),
  tcp: fc.boolean(),
  payload: fc.uint8Array({ minLength: 1, maxLength: 9000 }),
  linear: fc.nat(9000),
  size: fc.integer({ min: 1, max: 3000 }),
})

describe('segments', () => {
  test('are what the packet was, in order, each a packet of its own', () => {
    fc.assert(
      fc.property(shapes, (given) => {
        const size = Math.max(given.size, Math.ceil(given.payload.length / 50))
        const shape = { ...given, size, linear: Math.min(given.linear, given.payload.length) }
        const { v6, tcp, payload } = shape
        const packets = new Packets()
        const segments = cut(packets, packetOf(packets, shape))
        const transport = ETHERNET + (v6 ? 40 : 20)
        const header = transport + (tcp ? 24 : 8)
        expect(segments).toHaveLength(Math.ceil(payload.length / size))
        expect(Uint8Array.from(segments.flatMap((frame) => [...frame.subarray(header)]))).toEqual(payload)
        segments.forEach((frame, n) => {
          const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
          const isLast = n === segments.length - 1
          expect(frame.length - header).toBe(isLast ? payload.length - n * size : size)
          if (v6) expect(view.getUint16(ETHERNET + 4)).toBe(frame.length - ETHERNET - 40)
          else {
            expect(view.getUint16(ETHERNET + 2)).toBe(frame.length - ETHERNET)
            expect(view.getUint16(ETHERNET + 4)).toBe((0xfffe + n) & 0xffff)
            expect(sum(frame.subarray(ETHERNET, transport))).toBe(0xffff)
          }
          if (tcp) {
            expect(view.getUint32(transport + 4)).toBe((0xffffff00 + n * size) >>> 0)
            expect(frame[transport + 13]).toBe(ACK | (isLast ? 0x09 : 0) | (n === 0 ? 0x80 : 0))
          } else expect(view.getUint16(transport + 4)).toBe(frame.length - transport)
          const pseudo = sum(frame.subarray(ETHERNET + (v6 ? 8 : 12), transport)) + (tcp ? 6 : 17)
          expect(fold(sum(frame.subarray(transport)) + pseudo + frame.length - transport)).toBe(0xffff)
        })
        expect([packets.table.inUse, packets.buffers.inUse, packets.fragments.inUse]).toEqual([0, 0, 0])
      }),
      { numRuns: 200 },
    )
  })

  test('copy headers only', () => {
    const packets = new Packets()
    const payload = new Uint8Array(8000).fill(3)
    const handle = packetOf(packets, { v6: false, tcp: true, payload, linear: 3000, size: 1448 })
    packets.memory.copies.reset()
    const segmenter = new Segmenter()
    const count = segmenter.begin(packets, handle)
    for (let n = 0; n < count; n++) segmenter.next(packets)
    const { bytes } = packets.memory.copies
    expect([count, bytes[COPY.headers], bytes.reduce((all, one) => all + one)]).toEqual([6, 6 * 58, 6 * 58])
  })

  test('of a UDP packet without a checksum have none', () => {
    const packets = new Packets()
    const handle = packetOf(packets, { v6: false, tcp: false, payload: new Uint8Array(20), linear: 20, size: 10 })
    packets.fields[(handle << F.PKT_SHIFT) + F.PKT_STATE] &= ~F.CSUM_MASK
    expect(cut(packets, handle).map((frame) => frame.slice(40, 42))).toEqual([Uint8Array.of(0, 0), Uint8Array.of(0, 0)])
  })

  test('are none of a packet whose headers contradict its type', () => {
    const packets = new Packets()
    const handle = packetOf(packets, { v6: false, tcp: true, payload: new Uint8Array(20), linear: 20, size: 10 })
    packets.memory.u8[packets.fields[(handle << F.PKT_SHIFT) + F.PKT_NETWORK] + 9] = 17
    expect(new Segmenter().begin(packets, handle)).toBe(0)
  })

  test('inside of a tunnel get both headers', () => {
    const packets = new Packets()
    const inner = packetOf(packets, { v6: false, tcp: true, payload: new Uint8Array(25).fill(9), linear: 5, size: 10 })
    const frame = bytesOf(packets, inner)
    // Ethernet, IPv4, UDP, VXLAN, and the frame above.
    const outer = headersOf({ v6: false, tcp: false, payload: new Uint8Array(8 + frame.length), linear: 0, size: 0 })
    const handle = packets.allocFromArray(Uint8Array.from([...outer, ...new Uint8Array(8), ...frame]), COPY.userIn)
    const { fields } = packets
    const from = inner << F.PKT_SHIFT
    const i = handle << F.PKT_SHIFT
    const data = fields[i + F.PKT_DATA]
    for (const word of [F.PKT_GSO, F.PKT_MARK, F.PKT_STATE, F.PKT_CSUM_FIELD]) fields[i + word] = fields[from + word]
    fields[i + F.PKT_GSO_TYPE] = F.GSO_TCPV4 | F.GSO_UDP_TUNNEL
    fields[i + F.PKT_NETWORK] = data + ETHERNET
    fields[i + F.PKT_INNER_NETWORK] = data + outer.length + 8 + ETHERNET
    fields[i + F.PKT_CSUM] = data + outer.length + 8 + ETHERNET + 20
    packets.free(inner)
    const segments = cut(packets, handle)
    expect(segments.map((segment) => segment.length)).toEqual([118, 118, 113])
    for (const segment of segments) {
      const view = new DataView(segment.buffer, segment.byteOffset, segment.length)
      expect(view.getUint16(16)).toBe(segment.length - 14)
      expect(view.getUint16(38)).toBe(segment.length - 34)
      expect(view.getUint16(40)).toBe(0)
      expect(view.getUint16(66)).toBe(segment.length - 64)
      expect(sum(segment.subarray(14, 34))).toBe(0xffff)
      expect(sum(segment.subarray(64, 84))).toBe(0xffff)
      expect(fold(sum(segment.subarray(84)) + sum(segment.subarray(76, 84)) + 6 + segment.length - 84)).toBe(0xffff)
    }
  })
})
