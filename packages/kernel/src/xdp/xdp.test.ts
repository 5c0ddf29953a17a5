import { ATTACH_TYPE, MAP_TYPE } from '@netkit/bpf'
import { describe, expect, test } from 'vitest'
import { ringOf } from '../drivers/veth/ring.ts'
import { unregisterDevices } from '../net/register.ts'
import { frame, TrafficLab } from '../testing/traffic-lab.ts'

const GENERIC = 2
const NATIVE = 4
const verdict = (n: number): string => `r0 = ${n}; exit`
const to = (lab: TrafficLab, device: string): Uint8Array => frame(lab.dev(device).address)
const arrived = (lab: TrafficLab, device: string): Uint8Array[] =>
  lab
    .seen()
    .filter((s) => s.device === device && s.direction === 'in' && s.comments.length === 0)
    .map(({ data }) => data)

/** Two cables: `a`-`b` and `c`-`d`. */
function cables(): TrafficLab {
  const lab = new TrafficLab()
  lab.cable('a', 'b')
  lab.cable('c', 'd')
  lab.watch()
  return lab
}

/** Nothing is left behind. */
const inUse = (lab: TrafficLab): number => lab.kernel.path.packets.table.inUse

describe.each([
  ['in the driver of a cable', NATIVE],
  ['over packets that a cable handed up', GENERIC],
])('%s', (_, mode) => {
  test.each([
    ['ABORTED', 0, 0],
    ['DROP', 1, 0],
    ['PASS', 2, 1],
    ['REDIRECT that leads nowhere', 4, 0],
    ['an unknown action', 77, 0],
  ])('%s', async (_name, action, passes) => {
    const lab = cables()
    await lab.attachXdp('b', verdict(action), mode)
    lab.send('a', to(lab, 'b'))
    expect(arrived(lab, 'b')).toHaveLength(passes)
    expect(inUse(lab)).toBe(0)
    expect(lab.dev('b').counters.rxPackets).toBe(1)
    expect(lab.dev('a').counters.txPackets).toBe(1)
  })

  test('TX goes back to the other end', async () => {
    const lab = cables()
    await lab.attachXdp('b', verdict(3), mode)
    // Frames are taken by ends that poll, for a program or for GRO.
    await lab.attachXdp('a', verdict(2), NATIVE)
    lab.send('a', to(lab, 'a'))
    expect(arrived(lab, 'a')).toHaveLength(1)
    expect(inUse(lab)).toBe(0)
  })

  test('redirect to an ifindex', async () => {
    const lab = cables()
    await lab.attachXdp('b', `r1 = ${lab.dev('c').ifindex}; r2 = 0; call redirect; exit`, mode)
    await lab.attachXdp('d', verdict(2), NATIVE)
    lab.send('a', to(lab, 'd'))
    expect(arrived(lab, 'd')).toHaveLength(1)
    expect(inUse(lab)).toBe(0)
  })

  test('what it changed is what is received', async () => {
    const lab = cables()
    await lab.attachXdp(
      'b',
      `r6 = r1; r2 = -8; call xdp_adjust_head; if r0 != 0 goto out
       r2 = *(u32 *)(r6 + 0); r3 = *(u32 *)(r6 + 4); r4 = r2; r4 += 22; if r4 > r3 goto out
       r5 = 0xffff; *(u32 *)(r2 + 0) = r5; *(u16 *)(r2 + 4) = r5; r5 = 0xdd86; *(u16 *)(r2 + 12) = r5
       r0 = 2; exit
      out: r0 = 1; exit`,
      mode,
    )
    lab.send('a', to(lab, 'b'))
    const [seen] = arrived(lab, 'b')
    expect(seen).toHaveLength(68)
    expect([...seen.subarray(0, 14)].slice(0, 6)).toEqual([255, 255, 0, 0, 255, 255])
  })

  test('metadata is there for programs at ingress', async () => {
    const lab = cables()
    await lab.attachXdp(
      'b',
      `r6 = r1; r2 = -4; call xdp_adjust_meta; if r0 != 0 goto out
       r2 = *(u32 *)(r6 + 8); r3 = *(u32 *)(r6 + 0); r4 = r2; r4 += 4; if r4 > r3 goto out
       r5 = 0x12345; *(u32 *)(r2 + 0) = r5
       r0 = 2; exit
      out: r0 = 1; exit`,
      mode,
    )
    const map = await lab.map(MAP_TYPE.array)
    await lab.attach(
      'b',
      'tcxIngress',
      `r2 = *(u32 *)(r1 + 140); r3 = *(u32 *)(r1 + 76); r4 = r2; r4 += 4; if r4 > r3 goto out
       r7 = *(u32 *)(r2 + 0)
       *(u32 *)(r10 - 4) = 0; r2 = r10; r2 += -4; r1 = map[fd:${map}]; call map_lookup_elem
       if r0 == 0 goto out; *(u64 *)(r0 + 0) = r7
      out: r0 = -1; exit`,
    )
    lab.send('a', to(lab, 'b'))
    expect(await lab.lookup(map, 0)).toBe(0x12345n)
  })
})

describe('maps of devices', () => {
  const byMap = (map: number, flags: number): string =>
    `r1 = map[fd:${map}]; r2 = 1; r3 = ${flags}; call redirect_map; exit`

  test.each([
    ['an entry', 1, 0, 1, 0],
    ['no entry, and what to do then', 3, 2, 0, 1],
    ['no entry', 3, 1, 0, 0],
  ])('%s', async (_, key, flags, atD, atB) => {
    const lab = cables()
    const map = await lab.map(MAP_TYPE.devmap, { valueSize: 4, maxEntries: 4 })
    expect(await lab.update(map, key, lab.dev('c').ifindex)).toBe(0)
    await lab.attachXdp('b', byMap(map, flags), NATIVE)
    await lab.attachXdp('d', verdict(2), NATIVE)
    lab.send('a', to(lab, 'd'))
    const seen = lab.seen().filter((s) => s.direction === 'in' && s.comments.length === 0)
    expect(seen.map(({ device }) => device)).toEqual([...'d'.repeat(atD), ...'b'.repeat(atB)])
    expect(inUse(lab)).toBe(0)
  })

  test('a program runs behind the redirection, and sees where the frame is about to leave', async () => {
    const lab = cables()
    const map = await lab.map(MAP_TYPE.devmapHash, { valueSize: 8, maxEntries: 4 })
    const program = await lab.loadXdp(
      `r2 = *(u32 *)(r1 + 20); r0 = 1; if r2 != ${lab.dev('c').ifindex} goto out
       r2 = *(u32 *)(r1 + 12); if r2 != ${lab.dev('b').ifindex} goto out; r0 = 2
      out: exit`,
      { expectedAttachType: ATTACH_TYPE.xdpDevmap },
    )
    expect(await lab.update(map, 1, lab.dev('c').ifindex, program)).toBe(0)
    await lab.attachXdp('b', byMap(map, 0), NATIVE)
    await lab.attachXdp('d', verdict(2), NATIVE)
    lab.send('a', to(lab, 'd'), to(lab, 'd'))
    expect(arrived(lab, 'd')).toHaveLength(2)
  })

  test.each([
    ['in the driver', NATIVE],
    ['over packets', GENERIC],
  ])('to all but where it came from, %s', async (_, mode) => {
    const lab = cables()
    lab.cable('e', 'f')
    const map = await lab.map(MAP_TYPE.devmap, { valueSize: 4, maxEntries: 4 })
    for (const [key, name] of ['b', 'c', 'e'].entries()) await lab.update(map, key, lab.dev(name).ifindex)
    await lab.attachXdp('b', byMap(map, 8 | 16), mode)
    for (const name of ['a', 'd', 'f']) await lab.attachXdp(name, verdict(2), NATIVE)
    lab.send('a', to(lab, 'd'))
    const seen = lab.seen().filter((s) => s.direction === 'in' && s.comments.length === 0)
    expect(seen.map(({ device }) => device).sort()).toEqual(['d', 'f'])
    expect(seen[0].data).toEqual(seen[1].data)
    expect(inUse(lab)).toBe(0)
  })

  test('forget a device that goes', async () => {
    const lab = cables()
    const map = await lab.map(MAP_TYPE.devmap, { valueSize: 4, maxEntries: 4 })
    await lab.update(map, 1, lab.dev('c').ifindex)
    expect(await lab.lookup(map, 1)).toBe(BigInt(lab.dev('c').ifindex))
    unregisterDevices(lab.kernel, [lab.dev('c')])
    expect(await lab.lookup(map, 1)).toBe(-2)
  })

  test('the processor receives what is sent to it, after its program', async () => {
    const lab = cables()
    const map = await lab.map(MAP_TYPE.cpumap, { valueSize: 8, maxEntries: 1 })
    const program = await lab.loadXdp(
      `r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4); r4 = r2; r4 += 21; r0 = 1; if r4 > r3 goto out
       r0 = *(u8 *)(r2 + 20); r0 &= 1; r0 += 1
      out: exit`,
      { expectedAttachType: ATTACH_TYPE.xdpCpumap },
    )
    expect(await lab.update(map, 0, 64, program)).toBe(0)
    await lab.attachXdp('b', `r1 = map[fd:${map}]; r2 = 0; r3 = 0; call redirect_map; exit`, NATIVE)
    lab.send('a', ...[1, 2, 3, 4, 5].map((n) => to(lab, 'b').with(20, n)))
    expect(arrived(lab, 'b').map((data) => data[20])).toEqual([1, 3, 5])
    expect(inUse(lab)).toBe(0)
  })
})

describe('a cable', () => {
  test('counts what its programs do', async () => {
    const lab = cables()
    await lab.attachXdp(
      'b',
      `r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4); r4 = r2; r4 += 21; r0 = 1; if r4 > r3 goto out
       r0 = *(u8 *)(r2 + 20)
      out: exit`,
      NATIVE,
    )
    lab.send('a', ...[0, 1, 2, 2, 3, 4].map((n) => to(lab, 'b').with(20, n)))
    expect(ringOf(lab.dev('b'))?.stats).toMatchObject({
      xdpPackets: 6,
      xdpBytes: 6 * 46,
      xdpDrops: 2,
      xdpTx: 0,
      xdpTxErrors: 1,
      drops: 1,
    })
    // Linux 7.3 counts the same, bytes without the Ethernet header included.
    expect(lab.counters('b')).toBe('tx 0/0 drop 1 rx 6/276 drop 1')
    expect(lab.counters('a')).toBe('tx 6/276 drop 0 rx 0/0 drop 1')
    expect(inUse(lab)).toBe(0)
  })
})

describe('a NIC', () => {
  test('hands up, drops, sends back and redirects', async () => {
    const lab = new TrafficLab()
    const wire = lab.nic('eth')
    const other = lab.nic('eth2')
    lab.watch()
    await lab.attachXdp(
      'eth',
      `r6 = r1; r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4); r4 = r2; r4 += 21; r0 = 1; if r4 > r3 goto out
       r0 = *(u8 *)(r2 + 20); if r0 != 4 goto out
       r1 = ${lab.dev('eth2').ifindex}; r2 = 0; call redirect
      out: exit`,
      NATIVE,
    )
    wire.inject(...[0, 1, 2, 3, 4].map((n) => to(lab, 'eth').with(20, n)))
    expect(arrived(lab, 'eth').map((data) => data[20])).toEqual([2])
    expect(wire.sent.map((data) => data[20])).toEqual([3])
    expect(other.sent.map((data) => data[20])).toEqual([4])
    expect(lab.counters('eth')).toBe('tx 1/60 drop 0 rx 5/300 drop 0')
    expect(inUse(lab)).toBe(0)
  })
})
