import fc from 'fast-check'
import { expect, it } from 'vitest'
import { impairedTransfer } from '../../testing/tcp-impaired.ts'
import { Direction, TcpLab } from '../../testing/tcp-lab.ts'

it('every byte arrives once and in order over many wires that lose, reorder and duplicate', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 0x7fff_ffff }), impairedTransfer), {
    numRuns: 300,
    endOnFailure: true,
  })
}, 1_200_000)

it('goes on for an hour on a slow and lossy way, and leaves nothing', () => {
  const HOUR = 3_600_000
  const lab = new TcpLab(7)
  lab.impair({ seed: 7, loss: 0.01, delay: 20, jitter: 10, reorder: 0.05, duplicate: 0.01, rate: 2_000_000 })
  let total = 0
  for (let port = 1; lab.world.now() < BigInt(HOUR) * 1_000_000n; port++) {
    const { client, server, listener } = lab.pairOf(port)
    const out = new Direction(3_000_000, port)
    const back = new Direction(500_000, port + 1)
    lab.exchange(client, server, out, back, { most: HOUR, each: 20 })
    total += out.read + back.read
    lab.close(client, server, listener)
    // The next connection begins while the last one still waits for strays.
    lab.advance(5000)
    expect(lab.kernel.path.packets.buffers.inUse).toBeLessThan(50)
  }
  expect(total).toBeGreaterThan(50_000_000)
  lab.advance(600_000)
  lab.tcp.reap()
  expect(lab.tcp.sockets.size).toBe(0)
  expect(lab.inUse).toBe(0)
}, 1_200_000)
