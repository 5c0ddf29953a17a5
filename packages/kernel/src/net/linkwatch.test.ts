import {
  type LinkAttrs,
  type NetkitData,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RT_LINK,
  RTM_NEWLINK,
  RTNLGRP_LINK,
} from '@netkit/netlink'
import { describe, expect, it } from 'vitest'
import type { NetlinkSocket } from '../netlink/socket.ts'
import { Bench, drain, linkOf, linkRequest, links, messagesOf, must } from '../testing/bench.ts'

const CREATE = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL
const netkit = (data: NetkitData, attrs: LinkAttrs = {}) =>
  linkRequest(RT_LINK.newlink, { ...attrs, linkinfo: { kind: 'netkit', data } }, {}, CREATE)
const set = (ifname: string, flags: number, attrs: LinkAttrs = {}) =>
  linkRequest(RT_LINK.setlink, { ifname, ...attrs }, { flags, change: 1 })

/** What a listener heard of links: name, flags and change mask in hexadecimal, operstate, carrier, qdisc. */
function heard(socket: NetlinkSocket): string[] {
  return messagesOf(drain(socket)).map((m) => {
    const l = linkOf(m)
    const { flags = 0, change = 0 } = l.header
    const what = m.header.type === RTM_NEWLINK ? '' : 'gone '
    return `${what}${l.ifname} ${flags.toString(16)}/${change.toString(16)} ${l.operstate} ${l.carrier} ${l.qdisc}`
  })
}

function pairIn(data: NetkitData = {}) {
  const bench = new Bench()
  const socket = bench.route()
  must(socket, netkit(data, { ifname: 'M' }))
  const listener = bench.route()
  listener.join(RTNLGRP_LINK)
  return { bench, socket, listener }
}

describe('a pair that goes up and down', () => {
  it('is down without carrier at first, which was counted', () => {
    const { socket } = pairIn()
    for (const l of links(socket).slice(1)) {
      expect(l).toMatchObject({
        carrier: 0,
        carrierChanges: 1,
        carrierUpCount: 0,
        carrierDownCount: 1,
        operstate: 'down',
      })
      expect(l.header.flags).toBe(0x1082)
    }
  })

  it('tells each step: flags when they change, then the state that carrier leads to', () => {
    const { socket, listener } = pairIn()
    must(socket, set('M', 1))
    expect(heard(listener)).toEqual(['M 1083/1 lowerlayerdown 0 noqueue'])
    must(socket, set('nk0', 1))
    expect(heard(listener)).toEqual([
      'nk0 11083/1 lowerlayerdown 1 noqueue',
      'nk0 110c3/0 up 1 noqueue',
      'M 110c3/0 up 1 noqueue',
    ])
    must(socket, set('M', 0))
    expect(heard(listener)).toEqual(['M 1082/1 down 0 noqueue', 'nk0 1083/0 lowerlayerdown 0 noqueue'])
    must(socket, set('M', 1))
    must(socket, set('nk0', 0))
    must(socket, set('M', 0))
    // 1 at creation, and once each time that both were up and no longer.
    expect(
      links(socket)
        .slice(1)
        .map((l) => [l.carrierUpCount, l.carrierDownCount]),
    ).toEqual([
      [2, 3],
      [2, 3],
    ])
  })

  it('in L2 mode resolves addresses', () => {
    const { socket, listener } = pairIn({ mode: 'l2' })
    must(socket, set('M', 1))
    must(socket, set('nk0', 1))
    expect(heard(listener).at(-1)).toBe('M 11043/0 up 1 noqueue')
  })
})

it('a single device has carrier as soon as it is up', () => {
  const { socket, listener } = pairIn({ pairing: 'single' })
  must(socket, set('M', 1))
  expect(heard(listener)).toEqual(['M 11083/1 down 1 noqueue', 'M 110c3/0 up 1 noqueue'])
})

it('the state below is looked for in the device’s own namespace, whoever has that number there', () => {
  const bench = new Bench()
  const { ns, fd } = bench.namespace()
  const [here, there] = [bench.route(), bench.route(ns)]
  // The peer gets number 2 over there; number 2 here is a device with carrier.
  must(here, linkRequest(RT_LINK.newlink, { ifname: 'two', linkinfo: { kind: 'dummy' } }, {}, CREATE))
  must(here, netkit({ peerInfo: { netNsFd: fd, ifname: 'far' } }, { ifname: 'near' }))
  expect(links(there).find((l) => l.ifname === 'far')?.header.ifindex).toBe(2)
  must(here, set('near', 1))
  expect(links(here).find((l) => l.ifname === 'near')?.operstate).toBe('down')
})

describe('link modes', () => {
  it.each([
    ['dormant', 'dormant'],
    ['testing', 'testing'],
    ['default', 'up'],
  ] as const)('%s makes of UP: %s', (linkmode, operstate) => {
    const { socket } = pairIn({ pairing: 'single' })
    must(socket, linkRequest(RT_LINK.setlink, { ifname: 'M', linkmode }))
    must(socket, set('M', 1))
    expect(links(socket)[1].operstate).toBe(operstate)
  })
})

describe('a request for a state', () => {
  it.each([
    // From UNKNOWN, where a device that was never up is.
    ['unknown', 6, 'up'],
    ['unknown', 5, 'dormant'],
    ['unknown', 4, 'testing'],
    ['unknown', 2, 'unknown'],
    ['unknown', 3, 'unknown'],
    ['up', 5, 'dormant'],
    ['up', 2, 'up'],
    ['dormant', 6, 'up'],
    ['dormant', 4, 'dormant'],
    ['testing', 6, 'up'],
  ] as const)('from %s for %i leads to %s, and never fails', (from, wanted, to) => {
    const bench = new Bench()
    const socket = bench.route()
    // `lo` keeps the state that was asked for: its carrier never changes.
    must(socket, set('lo', 1))
    if (from !== 'unknown') must(socket, linkRequest(RT_LINK.setlink, { ifname: 'lo', operstate: from }))
    const listener = bench.route()
    listener.join(RTNLGRP_LINK)
    must(socket, linkRequest(RT_LINK.setlink, { ifname: 'lo', operstate: wanted }))
    expect(links(socket)[0].operstate).toBe(to)
    expect(heard(listener)).toHaveLength(from === to ? 0 : 1)
  })
})

it('asking for a device brings its state up to date first', () => {
  const { bench, socket } = pairIn({ pairing: 'single' })
  // Inside: no request leaves an event pending, as they are worked off after each.
  const dev = bench.ns.names.get('M')!
  must(socket, set('M', 1))
  dev.carrier = false
  bench.kernel.linkWatch.fire(dev)
  const { replies } = must(socket, linkRequest(RT_LINK.getlink, { ifname: 'M' }))
  expect(linkOf(replies[0]).operstate).toBe('down')
  expect(dev.linkEventPending).toBe(false)
})
