import fc from 'fast-check'
import { Direction, TcpLab } from './tcp-lab.ts'

const rate = (max: number) => fc.double({ min: 0, max, noNaN: true })

/** Two hosts exchange bytes over a wire that loses, delays, reorders and duplicates; nothing is wrong, and nothing is left behind. */
export const impairedTransfer = fc.property(
  fc.record({
    seed: fc.integer({ min: 1, max: 0x7fff_ffff }),
    loss: rate(0.15),
    reorder: rate(0.3),
    duplicate: rate(0.2),
    delay: fc.integer({ min: 0, max: 100 }),
    jitter: fc.integer({ min: 0, max: 50 }),
    sizes: fc.tuple(fc.integer({ min: 0, max: 400_000 }), fc.integer({ min: 0, max: 200_000 })),
    sack: fc.boolean(),
    timestamps: fc.boolean(),
    scaling: fc.boolean(),
    control: fc.constantFrom('reno', 'cubic'),
    mtu: fc.constantFrom(576, 1500, 9000),
    v6: fc.boolean(),
  }),
  ({ sizes, sack, timestamps, scaling, control, mtu, v6, seed, loss, reorder, duplicate, delay, jitter }) => {
    const lab = new TcpLab(seed, { mtu: v6 ? Math.max(mtu, 1280) : mtu })
    for (const ns of [lab.a, lab.b]) {
      const { tcp } = ns.settings
      tcp.sack = Number(sack)
      tcp.timestamps = Number(timestamps)
      tcp.windowScaling = Number(scaling)
      tcp.congestionControl = control
    }
    lab.impair({
      seed,
      loss,
      reorder: delay > 0 ? reorder : 0,
      duplicate,
      delay,
      jitter: Math.min(jitter, delay),
    })
    const { client, server, listener } = lab.pairOf(7, { v6 })
    lab.exchange(client, server, new Direction(sizes[0], 1), new Direction(sizes[1], 2), {
      most: 3_600_000,
      each: 20,
    })
    lab.close(client, server, listener)
    lab.advance(3_000_000)
    lab.tcp.reap()
    if (lab.tcp.sockets.size > 0) throw new Error('a socket is left')
    if (lab.inUse > 0) throw new Error(`${lab.inUse} packets and buffers are left`)
  },
)
