import {
  ETHTOOL,
  errno,
  NETDEV,
  NETKIT,
  NLCTRL,
  NLM_F_ACK,
  NLM_F_CREATE,
  type RawAttr,
  RELEASES,
  RT_LINK,
} from '@netkit/netlink'
import { describe, expect, it } from 'vitest'
import { Kernel } from '../kernel.ts'
import { ask, Bench, linkOf, linkRequest } from '../testing/bench.ts'
import { generic } from '../testing/generic.ts'
import { Release } from './release.ts'

const one = new Uint8Array([1, 0, 0, 0])
const unknown = (type: number): RawAttr => ({ type, payload: one })

/** Makes netkit devices of one release; the reply to a request for one of them. */
function made(release: string, rest: readonly RawAttr[]) {
  const bench = new Bench(1, release)
  const socket = bench.route()
  const attrs = { ifname: 't0', linkinfo: { kind: 'netkit', data: { rest } } } as const
  const { ack } = ask(socket, linkRequest(RT_LINK.newlink, attrs, {}, NLM_F_CREATE | NLM_F_ACK))
  return { errno: ack?.errno, devices: [...bench.ns.devices.values()].map((dev) => dev.name) }
}

describe('the release that a kernel answers as', () => {
  it('is the newest unless asked for another, and one of a few', () => {
    expect(new Kernel().release.name).toBe('7.3')
    expect(RELEASES.map((name) => new Kernel({ release: name }).release.name)).toEqual(['6.12', '7.3'])
    expect(() => new Kernel({ release: '6.1' })).toThrow(
      new RangeError("no release '6.1': the kernel answers as 6.12 or 7.3"),
    )
    expect(() => new Kernel({ release: 'toString' })).toThrow(RangeError)
  })

  it('compares releases as numbers', () => {
    const old = new Release('6.12')
    expect(['6.2', '6.12', '6.13', '7.0'].map((since) => old.has(since))).toEqual([true, true, false, false])
    expect(old.has(undefined)).toBe(true)
  })

  it('ignores attributes of kinds that came later, as Linux does: a pair where a single device was asked for', () => {
    const single = [unknown(NETKIT.ids.pairing)]
    expect(made('7.3', single)).toEqual({ errno: 0, devices: ['lo', 't0'] })
    expect(made('6.12', single)).toEqual({ errno: 0, devices: ['lo', 'nk0', 't0'] })
  })

  it('knows no commands that came later, and no attributes where everything is checked', () => {
    const old = new Bench(1, '6.12')
    expect(generic(old, NETDEV, NETDEV.commands.queueCreate).errno).toBe(errno.EOPNOTSUPP)
    expect(generic(old, ETHTOOL, ETHTOOL.commands.rssSet).errno).toBe(errno.EOPNOTSUPP)
    const strict = { ifindex: 1, type: 'rx', id: 0, rest: [unknown(8)] } as const
    expect(generic(old, NETDEV, NETDEV.commands.queueGet, strict)).toMatchObject({
      errno: errno.EINVAL,
      msg: 'Unknown attribute type',
    })
  })

  it('sends nothing that came later, in nests neither', () => {
    const shown = (release: string) => {
      const bench = new Bench(1, release)
      const socket = bench.route()
      const attrs = { ifname: 't0', linkinfo: { kind: 'netkit' } } as const
      ask(socket, linkRequest(RT_LINK.newlink, attrs, {}, NLM_F_CREATE | NLM_F_ACK))
      return linkOf(ask(socket, linkRequest(RT_LINK.getlink, { ifname: 't0' })).replies[0])
    }
    const [old, now] = RELEASES.map(shown)
    expect(Object.keys(now).filter((key) => !(key in old))).toEqual([
      'netnsImmutable',
      'maxPacingOffloadHorizon',
      'headroom',
      'tailroom',
    ])
    expect(old.linkinfo).toEqual({
      kind: 'netkit',
      data: {
        primary: 1,
        policy: 'forward',
        mode: 'l3',
        scrub: 'default',
        peerPolicy: 'forward',
        peerScrub: 'default',
      },
    })
  })

  it('has families under the ids that they have there, with the commands that they have', () => {
    const families = RELEASES.map((release) => {
      const bench = new Bench(1, release)
      const { replies } = generic(bench, NLCTRL, NLCTRL.commands.getfamily, { familyName: 'netdev' })
      const { familyId, ops, mcastGroups } = replies[0]
      const ids = (list: readonly { readonly id: number }[]): number[] => list.map(({ id }) => id)
      return { familyId, ops: ids(ops), groups: ids(mcastGroups) }
    })
    expect(families).toEqual([
      { familyId: 21, ops: [1, 5, 10, 11, 12, 13], groups: [5, 6] },
      { familyId: 22, ops: [1, 5, 9, 10, 11, 12, 13, 14, 15, 16], groups: [6, 7] },
    ])
  })
})
