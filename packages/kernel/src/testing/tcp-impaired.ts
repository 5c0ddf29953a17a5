import { randomFrom } from '../world.ts'
import { Direction, TcpLab } from './tcp-lab.ts'

/** What one transfer goes through, all from one number. */
function chosen(seed: number) {
  const chance = randomFrom(seed)
  const below = (most: number): number => chance.next() % (most + 1)
  const share = (most: number): number => (most * below(1000)) / 1000
  const flag = (): boolean => (chance.next() & 1) === 1
  const delay = flag() ? below(100) : 0
  return {
    wire: {
      seed,
      loss: share(0.15),
      reorder: delay > 0 ? share(0.3) : 0,
      duplicate: share(0.2),
      delay,
      jitter: Math.min(delay, below(50)),
    },
    out: below(400_000),
    back: below(200_000),
    tcp: {
      sack: below(1),
      timestamps: below(1),
      windowScaling: below(1),
      congestionControl: flag() ? 'reno' : 'cubic',
    },
    mtu: [576, 1500, 9000][below(2)],
    v6: flag(),
  }
}

/** Two hosts exchange bytes over a wire that loses, delays, reorders and duplicates; nothing is wrong, and nothing is left behind. */
export function impairedTransfer(seed: number): void {
  const { wire, out, back, tcp, mtu, v6 } = chosen(seed)
  const lab = new TcpLab(seed, { mtu: v6 ? Math.max(mtu, 1280) : mtu })
  for (const ns of [lab.a, lab.b]) Object.assign(ns.settings.tcp, tcp)
  lab.impair(wire)
  const { client, server, listener } = lab.pairOf(7, { v6 })
  lab.exchange(client, server, new Direction(out, 1), new Direction(back, 2), { most: 3_600_000, each: 20 })
  lab.close(client, server, listener)
  lab.advance(3_000_000)
  lab.tcp.reap()
  if (lab.tcp.sockets.size > 0) throw new Error('a socket is left')
  if (lab.inUse > 0) throw new Error(`${lab.inUse} packets and buffers are left`)
}
