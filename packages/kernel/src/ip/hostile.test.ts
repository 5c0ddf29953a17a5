import fc from 'fast-check'
import { expect, it } from 'vitest'
import { byteViews } from '../packet/copy.ts'
import { Network } from '../testing/network.ts'
import type { SimulatedWorld } from '../world.ts'
import { sumHeader4 } from './v4/header.ts'

const ETHERNET = 14

/** Bytes that begin like a packet, so that they get further than the first check. */
function frame(kind: number, to: Uint8Array, bytes: Uint8Array, mend: boolean): Uint8Array {
  const frame = new Uint8Array(ETHERNET + bytes.length)
  frame.set(to)
  frame.set(
    [
      [8, 0],
      [0x86, 0xdd],
      [8, 6],
    ][kind],
    12,
  )
  frame.set(bytes, ETHERNET)
  if (!mend) return frame
  if (kind === 0 && bytes.length >= 20) mend4(frame, bytes.length)
  if (kind === 1 && bytes.length >= 40) mend6(frame, bytes.length)
  if (kind === 2) frame.set([0, 1, 8, 0, 6, 4, 0].slice(0, bytes.length), ETHERNET)
  return frame
}

function mend4(frame: Uint8Array, length: number): void {
  const header = 5 + (frame[ETHERNET] % Math.min(11, Math.floor(length / 4) - 4))
  frame.set([0x40 | header], ETHERNET)
  frame.set([length >> 8, length], ETHERNET + 2)
  frame.set([[1, 17, 6, 1][frame[ETHERNET + 9] & 3]], ETHERNET + 9)
  frame.set([10, 0, 0, 2, 10, 0, 0, 1], ETHERNET + 12)
  frame.set([0, 0], ETHERNET + 10)
  const sum = sumHeader4(frame, byteViews(frame).i32, ETHERNET, header * 4) ^ 0xffff
  frame.set([sum >> 8, sum], ETHERNET + 10)
}

function mend6(frame: Uint8Array, length: number): void {
  frame.set([0x60], ETHERNET)
  frame.set([(length - 40) >> 8, length - 40], ETHERNET + 4)
  frame.set([[58, 17, 44, 0, 60, 43][frame[ETHERNET + 6] % 6]], ETHERNET + 6)
  frame.set([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2], ETHERNET + 8)
  frame.set([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], ETHERNET + 24)
}

it('whatever comes by a link, nothing breaks and no buffer is lost', () => {
  const net = new Network()
  const { ns: a } = net.namespace()
  const { ns: b } = net.namespace()
  const [here, there] = net.pair(a, b, { kind: 'netkit-l2' })
  net.address(here, '10.0.0.1/24')
  net.address(here, 'fd00::1/64')
  net.address(there, '10.0.0.2/24')
  net.address(there, 'fd00::2/64')
  const world = net.kernel.world as SimulatedWorld
  fc.assert(
    fc.property(fc.nat(2), fc.uint8Array({ maxLength: 200 }), fc.boolean(), (kind, bytes, mend) => {
      net.receive(here, frame(kind, here.address, bytes, mend))
    }),
    { numRuns: 3000 },
  )
  // Packets that wait for fragments or neighbours do not wait for ever.
  world.advance(120_000_000_000n)
  expect(net.inUse).toBe(0)
})
