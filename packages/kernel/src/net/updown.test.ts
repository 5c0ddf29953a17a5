import {
  errno,
  IFF_ALLMULTI,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_PROMISC,
  IFF_UP,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RT_LINK,
  RTNLGRP_LINK,
} from '@netkit/netlink'
import { describe, expect, it } from 'vitest'
import { ask, Bench, drain, linkOf, linkRequest, links, messagesOf, must } from '../testing/bench.ts'

const CREATE = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL

function device() {
  const bench = new Bench()
  const socket = bench.route()
  must(socket, linkRequest(RT_LINK.newlink, { ifname: 'd', linkinfo: { kind: 'dummy' } }, {}, CREATE))
  const listener = bench.route()
  listener.join(RTNLGRP_LINK)
  const change = (flags: number, mask: number) =>
    ask(socket, linkRequest(RT_LINK.setlink, { ifname: 'd' }, { flags, change: mask }))
  const heard = () =>
    messagesOf(drain(listener))
      .map((m) => linkOf(m).header)
      .map((h) => `${h.flags?.toString(16)}/${h.change?.toString(16)}`)
  const link = () => links(socket)[1]
  return { bench, socket, change, heard, link }
}

describe('flags', () => {
  it('change where the mask says, and only those that can be set', () => {
    const { change, heard, link } = device()
    change(IFF_MULTICAST, IFF_MULTICAST | IFF_NOARP)
    expect(heard()).toEqual(['1002/1080'])
    change(0xffff_ffff, 0x4c) // LOOPBACK, DEBUG and RUNNING: of these only DEBUG can be set.
    expect(link().header.flags).toBe(0x1006)
    expect(heard()).toEqual(['1006/4'])
  })

  it('are all meant by a mask of zero', () => {
    const { change, heard, link } = device()
    change(IFF_MULTICAST, IFF_MULTICAST)
    heard()
    change(IFF_UP, 0)
    expect(heard()).toEqual(['10043/1081'])
    expect(link().header.flags).toBe(0x10043)
  })

  it('that are as they should be are not announced', () => {
    const { change, heard } = device()
    change(IFF_UP, IFF_UP)
    heard()
    change(IFF_UP, IFF_UP)
    change(0, IFF_PROMISC)
    expect(heard()).toEqual([])
  })

  it('without flags and mask nothing is meant', () => {
    const { change, heard } = device()
    change(IFF_UP, IFF_UP)
    heard()
    expect(change(0, 0).ack?.errno).toBe(0)
    expect(heard()).toEqual([])
  })
})

describe('promiscuity', () => {
  it('is a wish that is counted, and shown as a flag', () => {
    const { change, heard, link } = device()
    change(IFF_PROMISC | IFF_ALLMULTI, IFF_PROMISC | IFF_ALLMULTI)
    expect(link()).toMatchObject({ promiscuity: 1, allmulti: 1 })
    expect((link().header.flags ?? 0) & 0x300).toBe(0x300)
    change(IFF_PROMISC, IFF_PROMISC)
    expect(link().promiscuity).toBe(1)
    change(0, IFF_PROMISC)
    expect(link()).toMatchObject({ promiscuity: 0, allmulti: 1 })
    expect(heard().map((h) => h.split('/')[1])).toEqual(['300', '100'])
  })
})

it('an end of a pair that has lost the other cannot come up', () => {
  const { bench, socket } = device()
  must(socket, linkRequest(RT_LINK.newlink, { ifname: 'M', linkinfo: { kind: 'netkit' } }, {}, CREATE))
  // Inside: no request leaves one end alone, both go together.
  const dev = bench.ns.names.get('M')!
  const state = dev.priv as { peer: unknown }
  state.peer = undefined
  const up = linkRequest(RT_LINK.setlink, { ifname: 'M' }, { flags: IFF_UP, change: IFF_UP })
  expect(ask(socket, up).ack?.errno).toBe(errno.ENOTCONN)
  expect(dev.up).toBe(false)
})
