import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fold } from '../../packet/checksum.ts'
import { Direction, TcpLab } from '../../testing/tcp-lab.ts'
import { put16, put32 } from '../core/address.ts'
import type { TcpSocket } from './socket.ts'

/** A segment as a stranger on the link would send it to the socket; numbers are relative to what the socket expects. */
interface Forged {
  readonly flags: number
  readonly seq: number
  readonly ack: number
  readonly window: number
  readonly options: Uint8Array
  readonly payload: number
  readonly offset: number
  readonly rightPort: boolean
}

const SOURCE = [10, 0, 0, 1]
const DESTINATION = [10, 0, 0, 2]

function frame(lab: TcpLab, server: TcpSocket, o: Forged): Uint8Array {
  const options = new Uint8Array((o.options.length + 3) & ~3)
  options.set(o.options)
  const tcp = 20 + options.length + o.payload
  const bytes = new Uint8Array(14 + 20 + tcp)
  bytes.set(lab.ends[1].address, 0)
  bytes.set(lab.ends[0].address, 6)
  bytes.set([8, 0, 0x45, 0], 12)
  put16(bytes, 16, 20 + tcp)
  bytes.set([64, 6], 22)
  bytes.set([...SOURCE, ...DESTINATION], 26)
  put16(bytes, 24, fold(sum(bytes, 14, 34)) ^ 0xffff)
  const at = 34
  put16(bytes, at, o.rightPort ? server.remotePort : 5)
  put16(bytes, at + 2, server.port)
  put32(bytes, at + 4, server.rcvNxt + o.seq)
  put32(bytes, at + 8, server.una + o.ack)
  bytes[at + 12] = (o.offset < 0 ? (20 + options.length) >> 2 : o.offset) << 4
  bytes[at + 13] = o.flags
  put16(bytes, at + 14, o.window)
  bytes.set(options, at + 20)
  put16(bytes, at + 16, fold(sum(bytes, at, bytes.length) + sum(bytes, 26, 34) + 6 + tcp) ^ 0xffff)
  return bytes
}

function sum(bytes: Uint8Array, from: number, to: number): number {
  let total = 0
  for (let i = from; i < to; i++) total += (i - from) & 1 ? bytes[i] : bytes[i] << 8
  return total
}

const number = fc.oneof(fc.integer({ min: -2000, max: 2000 }), fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }))
const forged: fc.Arbitrary<Forged> = fc.record({
  flags: fc.integer({ min: 0, max: 255 }),
  seq: number,
  ack: number,
  window: fc.integer({ min: 0, max: 0xffff }),
  options: fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constant(Uint8Array.of(1, 1, 5, 10, 0, 0, 0, 9, 0, 0, 0, 1)),
    fc.constant(Uint8Array.of(2, 4, 0, 1, 3, 3, 255, 0)),
  ),
  payload: fc.integer({ min: 0, max: 1400 }),
  offset: fc.oneof(
    { weight: 4, arbitrary: fc.constant(-1) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 15 }) },
  ),
  rightPort: fc.boolean(),
})

it('segments that nobody would send do no harm to the kernel, whatever becomes of the connection', () => {
  fc.assert(
    fc.property(fc.array(forged, { maxLength: 60 }), fc.integer({ min: 1, max: 1000 }), (list, seed) => {
      const lab = new TcpLab(seed)
      const { client, server, listener } = lab.pairOf()
      const out = new Direction(30_000, 1)
      const back = new Direction(30_000, 2)
      for (const [i, one] of list.entries()) {
        if (i % 4 === 0 && server.error === 0 && client.error === 0) {
          // What is forged may be taken for data: only then is what arrives another thing than what was sent.
          try {
            lab.step(client, out, back)
            lab.step(server, back, out)
          } catch {
            continue
          }
        }
        lab.receive(lab.ends[1], frame(lab, server, one))
        lab.advance(i % 3)
      }
      lab.close(client, server, listener)
      lab.advance(7_200_000)
      lab.tcp.reap()
      expect(lab.tcp.sockets.size).toBe(0)
      expect(lab.inUse).toBe(0)
    }),
    { numRuns: 60 },
  )
})

it('blind segments outside the window do not disturb a connection', () => {
  const lab = new TcpLab()
  const { client, server, listener } = lab.pairOf()
  const out = new Direction(200_000, 1)
  const back = new Direction(10_000, 2)
  lab.step(client, out, back)
  const base = { window: 100, options: new Uint8Array(), payload: 10, offset: -1, rightPort: true }
  for (const flags of [0x04, 0x02, 0x12, 0x10, 0x11]) {
    lab.receive(lab.ends[1], frame(lab, server, { ...base, flags, seq: 0x3000_0000, ack: 0 }))
    lab.receive(lab.ends[1], frame(lab, server, { ...base, flags, seq: -0x3000_0000, ack: 0x3000_0000 }))
  }
  // In the window, but not exactly where the next byte belongs: it is answered, not believed.
  lab.receive(lab.ends[1], frame(lab, server, { ...base, flags: 0x04, seq: 5, ack: 0, payload: 0 }))
  lab.exchange(client, server, out, back)
  lab.close(client, server, listener)
  lab.advance(1000)
  expect(lab.inUse).toBe(0)
})
