import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { impairedTransfer } from '../../testing/tcp-impaired.ts'
import { Direction, TcpLab } from '../../testing/tcp-lab.ts'

describe('over a cable that does nothing to frames', () => {
  it.each([false, true])('every byte arrives both ways, and nothing is sent twice (IPv6: %s)', (v6) => {
    const lab = new TcpLab()
    const { client, server, listener } = lab.pairOf(7, { v6 })
    lab.exchange(client, server, new Direction(2_000_000, 1), new Direction(300_000, 2))
    expect(client.counters.retransmissions).toBe(0)
    expect(server.counters.retransmissions).toBe(0)
    lab.close(client, server, listener)
    lab.advance(1000)
    expect(lab.inUse).toBe(0)
  })
})

it('every byte arrives once and in order over a wire that loses, reorders and duplicates', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 0x7fff_ffff }), impairedTransfer), {
    numRuns: 12,
    endOnFailure: true,
  })
})

it('a send buffer whose limit follows a window with a fraction takes whole bytes', () => {
  impairedTransfer(1_052_719_954)
})
