import { describe, expect, test } from 'vitest'
import { frame, TrafficLab } from '../testing/traffic-lab.ts'

const verdict = (n: number): string => `r0 = ${n}; exit`
/** Asks for a redirect, and answers what the helper says. */
const redirect = (helper: string, ifindex: number, flags = 0): string =>
  `r1 = ${ifindex}; r2 = ${flags}; call ${helper}; exit`

/** Two pods, each at the end of a pair; programs are attached by the ends in the host. */
function pods(data = {}): TrafficLab {
  const lab = new TrafficLab()
  lab.pair('nk', 'eth', 'pod', data)
  lab.pair('nk2', 'eth2', 'pod2', data)
  lab.watch()
  return lab
}

const to = (lab: TrafficLab, device: string): Uint8Array => frame(lab.dev(device).address)

describe('netkit programs', () => {
  test.each([
    ['NEXT', [-1], true, 'tx 1/60 drop 0'],
    ['PASS', [0], true, 'tx 1/60 drop 0'],
    ['DROP', [2], false, 'tx 0/0 drop 1'],
    ['a verdict that means nothing', [5], false, 'tx 0/0 drop 1'],
    ['NEXT, then DROP', [-1, 2], false, 'tx 0/0 drop 1'],
    ['PASS before DROP', [0, 2], true, 'tx 1/60 drop 0'],
    ['REDIRECT that leads nowhere', [7], false, 'tx 1/60 drop 0'],
  ])('%s', async (_, verdicts, arrives, counted) => {
    const lab = pods()
    await lab.attach('nk', 'netkitPrimary', ...verdicts.map(verdict))
    lab.send('nk', to(lab, 'eth'))
    expect(lab.counters('nk')).toContain(counted)
    expect(lab.dev('eth').counters.rxPackets).toBe(arrives ? 1 : 0)
    expect(lab.kernel.path.packets.table.inUse).toBe(0)
  })

  test('take the place of the policy', async () => {
    const lab = pods({ policy: 'blackhole' })
    lab.send('nk', to(lab, 'eth'))
    await lab.attach('nk', 'netkitPrimary', verdict(-1))
    lab.send('nk', to(lab, 'eth'))
    expect(lab.counters('nk')).toContain('tx 1/60 drop 1')
  })

  test('see the receiving end, and to whom the packet is addressed there', async () => {
    const lab = pods()
    const map = await lab.map(2)
    const seen = `
      r6 = r1; r7 = *(u32 *)(r6 + 40); r7 <<= 32; r8 = *(u32 *)(r6 + 4); r7 |= r8
      *(u32 *)(r10 - 4) = 0; r2 = r10; r2 += -4; r1 = map[fd:${map}]; call map_lookup_elem
      if r0 == 0 goto out; *(u64 *)(r0 + 0) = r7
    out: r0 = 0; exit`
    await lab.attach('nk', 'netkitPeer', seen)
    const look = async (dst: number[]): Promise<[number, number]> => {
      lab.send('eth', frame(Uint8Array.from(dst)))
      const value = BigInt(await lab.lookup(map, 0))
      return [Number(value >> 32n), Number(value & 0xffffffffn)]
    }
    const { address, ifindex } = lab.dev('nk')
    expect(await look([...address])).toEqual([ifindex, 0])
    expect(await look([255, 255, 255, 255, 255, 255])).toEqual([ifindex, 1])
    expect(await look([1, 0, 94, 0, 0, 1])).toEqual([ifindex, 2])
    expect(await look([2, 0, 0, 0, 0, 77])).toEqual([ifindex, 3])
  })

  test('batches keep their order whatever becomes of single packets', async () => {
    const lab = pods()
    // Drops every packet whose byte 20 is odd.
    await lab.attach(
      'nk',
      'netkitPrimary',
      `r2 = *(u32 *)(r1 + 76); r3 = *(u32 *)(r1 + 80); r4 = r2; r4 += 60; r0 = 2
       if r4 > r3 goto out; r5 = *(u8 *)(r2 + 20); r5 &= 1; r0 = r5; r0 <<= 1
      out: exit`,
    )
    const frames = [4, 5, 6, 7, 9, 10].map((n) => to(lab, 'eth').with(20, n))
    lab.send('nk', ...frames)
    const arrived = lab.seen().filter((s) => s.device === 'eth' && s.direction === 'in' && s.comments.length === 0)
    expect(arrived.map(({ data }) => data[20])).toEqual([4, 6, 10])
    expect(lab.counters('nk')).toContain('tx 3/180 drop 3')
  })
})

describe('tcx programs', () => {
  test('leave the class of a packet that passes in its tc_index', async () => {
    const lab = pods()
    const map = await lab.map(2)
    const seen = `
      r6 = *(u32 *)(r1 + 44); *(u32 *)(r10 - 4) = 0; r2 = r10; r2 += -4; r1 = map[fd:${map}]; call map_lookup_elem
      if r0 == 0 goto out; *(u64 *)(r0 + 0) = r6
    out: r0 = 0; exit`
    await lab.attach('nk', 'netkitPrimary', seen)
    await lab.attach('nk', 'tcxEgress', 'r2 = 77; *(u32 *)(r1 + 72) = r2; r0 = 0; exit')
    lab.send('nk', to(lab, 'eth'))
    expect(await lab.lookup(map, 0)).toBe(77n)
  })

  test.each([
    ['NEXT', [-1], true],
    ['PASS', [0], true],
    ['DROP', [2], false],
    ['a verdict that means nothing passes, and the next program is not asked', [5, 2], true],
    ['NEXT, then DROP', [-1, 2], false],
  ])('%s', async (_, verdicts, passes) => {
    const lab = pods()
    await lab.attach('nk', 'tcxEgress', ...verdicts.map(verdict))
    lab.send('nk', to(lab, 'eth'))
    // What is dropped at egress or ingress is not counted.
    expect(lab.counters('nk')).toContain(passes ? 'tx 1/60 drop 0' : 'tx 0/0 drop 0')
    await lab.attach('nk2', 'tcxIngress', ...verdicts.map(verdict))
    lab.send('eth2', to(lab, 'nk2'))
    expect(lab.counters('nk2')).toContain('rx 1/60 drop 0')
    expect(lab.way().at(-1)).toBe(passes ? 'nk2 in (drop reason: IP_INHDR)' : 'nk2 in (drop reason: TC_INGRESS)')
    expect(lab.kernel.path.packets.table.inUse).toBe(0)
  })

  test('see the link-layer header of what was received, and leave it off again', async () => {
    const lab = pods()
    const map = await lab.map(2)
    await lab.attach(
      'nk',
      'tcxIngress',
      `r6 = r1; r7 = *(u32 *)(r6 + 0)
       *(u32 *)(r10 - 4) = 0; r2 = r10; r2 += -4; r1 = map[fd:${map}]; call map_lookup_elem
       if r0 == 0 goto out; *(u64 *)(r0 + 0) = r7
      out: r0 = 0; exit`,
    )
    lab.send('eth', to(lab, 'nk'))
    expect(await lab.lookup(map, 0)).toBe(60n)
    expect(lab.seen().at(-1)?.data).toEqual(to(lab, 'nk'))
  })
})

describe('redirects', () => {
  test('to the egress of another device, whose own programs see it', async () => {
    const lab = pods()
    await lab.attach('nk', 'netkitPeer', redirect('redirect', lab.dev('nk2').ifindex))
    lab.send('eth', to(lab, 'eth2'))
    expect(lab.way()).toEqual(['eth out', 'nk2 out', 'eth2 in', 'eth2 in (drop reason: IP_INHDR)'])
    expect(lab.counters('eth')).toContain('tx 1/60 drop 0')
    expect(lab.counters('nk')).toContain('rx 0/0')
    await lab.attach('nk2', 'netkitPrimary', verdict(2))
    lab.send('eth', to(lab, 'eth2'))
    expect(lab.counters('eth')).toContain('tx 2/120 drop 0')
    expect(lab.counters('nk2')).toContain('tx 1/60 drop 1')
  })

  test('to the ingress of another device, which looks at the addressee again', async () => {
    const lab = pods()
    await lab.attach('nk', 'netkitPeer', redirect('redirect', lab.dev('nk2').ifindex, 1))
    lab.send('eth', to(lab, 'nk2'), to(lab, 'nk'))
    expect(lab.way().slice(-4)).toEqual([
      'nk2 in',
      'nk2 in',
      'nk2 in (drop reason: IP_INHDR)',
      'nk2 in (drop reason: OTHERHOST)',
    ])
    expect(lab.counters('nk2')).toContain('rx 0/0 drop 0')
  })

  test('into a pod without a second hop', async () => {
    const lab = pods()
    await lab.attach('nk', 'tcxIngress', redirect('redirect_peer', lab.dev('nk2').ifindex))
    await lab.attach('nk2', 'netkitPrimary', verdict(2))
    lab.send('eth', to(lab, 'eth2'))
    expect(lab.way()).toEqual(['eth out', 'nk in', 'eth2 in', 'eth2 in (drop reason: IP_INHDR)'])
    expect([lab.counters('nk2'), lab.counters('eth2')]).toEqual([
      'tx 0/0 drop 0 rx 0/0 drop 0',
      'tx 0/0 drop 0 rx 1/60 drop 0',
    ])
  })

  test('redirect_peer from a netkit program only leads out of the peer', async () => {
    const lab = pods()
    await lab.attach('nk', 'netkitPeer', redirect('redirect_peer', lab.dev('nk2').ifindex))
    lab.send('eth', to(lab, 'nk2'))
    expect(lab.way()).toEqual(['eth out', 'nk out (redirect_peer: not at ingress)'])
    const egress = pods()
    await egress.attach('nk', 'netkitPeer', redirect('redirect_peer', egress.dev('nk2').ifindex, 2))
    egress.send('eth', to(egress, 'nk2'))
    expect(egress.way().slice(0, 3)).toEqual(['eth out', 'eth2 out', 'nk2 in'])
  })

  test('a target that was noted is taken by the next verdict on the same way, and forgotten after it', async () => {
    const lab = pods()
    const note = redirect('redirect', lab.dev('nk2').ifindex).replace('exit', 'r0 = -1; exit')
    await lab.attach('nk', 'netkitPeer', note)
    await lab.attach('nk2', 'tcxIngress', note, verdict(7))
    lab.send('eth2', to(lab, 'nk2'))
    expect(lab.counters('nk2')).toContain('tx 1/60')
    await lab.attach('nk', 'tcxIngress', verdict(7))
    lab.send('eth', to(lab, 'nk'))
    expect(lab.counters('nk2')).toContain('tx 1/60')
  })

  test.each([
    ['redirect', 2],
    ['redirect_peer', 1],
  ])('%s refuses flags that it does not know', async (helper, flags) => {
    const lab = pods()
    await lab.attach('nk', 'netkitPeer', redirect(helper, lab.dev('nk2').ifindex, flags))
    lab.send('eth', to(lab, 'nk'))
    expect(lab.counters('eth')).toContain('tx 0/0 drop 1')
  })

  test('in a circle end somewhere', async () => {
    const lab = pods()
    await lab.attach('nk', 'tcxEgress', redirect('redirect', lab.dev('nk2').ifindex))
    await lab.attach('nk2', 'tcxEgress', redirect('redirect', lab.dev('nk').ifindex))
    lab.send('nk', to(lab, 'eth'))
    expect(lab.way()).toEqual([expect.stringContaining('RECURSION_LIMIT')])
    expect(lab.kernel.path.packets.table.inUse).toBe(0)
  })

  test('a clone goes its own way', async () => {
    const lab = pods()
    const { ifindex } = lab.dev('nk2')
    await lab.attach(
      'nk',
      'netkitPeer',
      `r6 = r1; r2 = ${ifindex}; r3 = 0; call clone_redirect; if r0 != 0 goto bad
       r2 = *(u32 *)(r6 + 76); r3 = *(u32 *)(r6 + 80); r4 = r2; r4 += 60; if r4 > r3 goto bad
       *(u8 *)(r2 + 30) = 0xee
       r0 = 0; exit
      bad: r0 = 2; exit`,
    )
    lab.send('eth', to(lab, 'nk'))
    const all = lab.seen()
    const bytes = (device: string) => all.find((s) => s.device === device && s.direction === 'in')?.data[30]
    expect([bytes('nk'), bytes('eth2')]).toEqual([0xee, 30])
    expect(lab.kernel.path.packets.table.inUse).toBe(0)
  })
})
