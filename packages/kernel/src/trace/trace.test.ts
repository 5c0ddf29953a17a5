import { compileFilter } from '@netkit/bpf'
import { describe, expect, test } from 'vitest'
import { frame, TrafficLab } from '../testing/traffic-lab.ts'
import { changes } from './changes.ts'
import type { Snapshot } from './snapshot.ts'

const MARKS = new Map<string, string>()
const shot = (
  frameBytes: Uint8Array,
  length = frameBytes.length,
  marks: ReadonlyMap<string, string> = MARKS,
): Snapshot => ({
  frame: frameBytes,
  length,
  marks,
})

/** Ethernet, IPv4 from 10.0.0.1 to 10.0.0.2, UDP to port 53. */
function udp(): Uint8Array {
  const bytes = new Uint8Array(60)
  bytes.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0])
  bytes.set([0x45, 0, 0, 46, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0x9c, 0x40, 0, 53, 0, 26, 0, 0], 14)
  return bytes
}

describe('what a program changed', () => {
  test('is told field by field', () => {
    expect(changes(shot(udp()), shot(udp()))).toEqual([])
    const after = udp().with(33, 9).with(22, 63)
    expect(changes(shot(udp()), shot(after))).toEqual(['ip.dst 10.0.0.2 → 10.0.0.9', 'ip.ttl 64 → 63'])
    const marked = shot(udp(), 60, new Map([['mark', '0x7']]))
    expect(changes(shot(udp(), 60, new Map([['mark', '0x0']])), marked)).toEqual(['mark 0x0 → 0x7'])
  })

  test('is told by place where no field is', () => {
    expect(changes(shot(udp()), shot(udp().with(50, 1)))).toEqual(['1 byte from offset 50 on'])
  })

  test('is told of tunnels with what is inside', () => {
    const inner = udp()
    const outer = new Uint8Array([...udp().subarray(0, 42), 8, 0, 0, 0, 0, 0, 42, 0, ...inner])
    outer.set([0x12, 0xb5], 36)
    expect(changes(shot(inner), shot(outer))).toEqual(
      expect.arrayContaining(['length 60 → 110', 'udp.dst 53 → 4789', 'vxlan.vni = 42', 'inner.ip.dst = 10.0.0.2']),
    )
  })
})

describe('a trace', () => {
  const MARK = 'r2 = 7; *(u32 *)(r1 + 8) = r2; r0 = -1; exit'

  async function lab(filter?: string): Promise<TrafficLab> {
    const made = new TrafficLab()
    made.pair('nk', 'eth', 'pod')
    made.pair('nk2', 'eth2', 'pod2')
    const { ifindex } = made.dev('nk2')
    await made.attach('nk', 'netkitPeer', MARK, 'r0 = 0; exit')
    await made.attach('nk', 'tcxIngress', `r1 = ${ifindex}; r2 = 0; call redirect_peer; exit`)
    made.watch({ programs: true, filter: filter === undefined ? undefined : compileFilter(filter) })
    return made
  }

  test('tells of each program what it decided and changed', async () => {
    const traced = await lab()
    traced.send('eth', frame(traced.dev('eth2').address))
    expect(traced.way()).toEqual([
      'eth out',
      'nk in (netkit: program 1: NEXT; mark 0x0 → 0x7)',
      'nk in (netkit: program 2: PASS)',
      'nk in',
      'nk in (tcx ingress: program 3: REDIRECT to the peer of nk2)',
      'eth2 in',
      'eth2 in (drop reason: IP_INHDR)',
    ])
  })

  test('follows a packet that was wanted once, and no other', async () => {
    const traced = await lab('ether[20] = 0xaa')
    const wanted = frame(traced.dev('eth2').address).with(20, 0xaa)
    await traced.attach(
      'nk',
      'tcxIngress',
      'r2 = *(u32 *)(r1 + 76); r3 = *(u32 *)(r1 + 80); r4 = r2; r4 += 60; if r4 > r3 goto out; *(u8 *)(r2 + 20) = 1\nout: r0 = -1; exit',
    )
    traced.send('eth', frame(traced.dev('eth2').address), wanted)
    expect(
      traced
        .seen()
        .map(({ device, data }) => `${device} ${data[20]}`)
        .slice(0, 3),
    ).toEqual(['eth 170', 'nk 170', 'nk 170'])
  })

  test('ends without leaving anything in the way', async () => {
    const traced = await lab()
    const { path } = traced.kernel
    const during = path.programs
    traced.unwatch()
    expect(path.programs).not.toBe(during)
    traced.send('eth', frame(traced.dev('eth2').address))
    expect(traced.counters('eth2')).toContain('rx 1/60')
  })
})
