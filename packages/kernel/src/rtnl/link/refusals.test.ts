import {
  errno,
  type LinkAttrs,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RT_LINK,
  RTNLGRP_LINK,
  splitMessages,
} from '@netkit/netlink'
import { describe, expect, it, test } from 'vitest'
import { ask, Bench, drain, linkOf, linkRequest, links, must } from '../../testing/bench.ts'

const MAKE = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL
const IFF_UP = 1

function setup() {
  const bench = new Bench()
  const { ns } = bench.namespace()
  const socket = bench.route(ns)
  const make = (attrs: LinkAttrs, header = {}) => ask(socket, linkRequest(RT_LINK.newlink, attrs, header, MAKE)).ack
  must(socket, linkRequest(RT_LINK.newlink, { ifname: 'nk', linkinfo: { kind: 'netkit' } }, {}, MAKE))
  const change = (attrs: LinkAttrs, header = {}) =>
    ask(socket, linkRequest(RT_LINK.newlink, attrs, { ifindex: 3, ...header })).ack
  const monitor = bench.route(ns)
  monitor.join(RTNLGRP_LINK)
  const heard = () => drain(monitor).flatMap((item) => splitMessages(item.bytes).map((m) => linkOf(m).ifname))
  return { bench, ns, socket, make, change, heard }
}

describe('a new name that IP keeps for itself', () => {
  test.each(['all', 'default'])('%s is announced, refused, and taken back', (ifname) => {
    const { change, heard, socket } = setup()
    expect(change({ ifname })).toMatchObject({ errno: errno.EINVAL })
    expect(heard()).toEqual([ifname, 'nk'])
    expect(links(socket).at(-1)?.ifname).toBe('nk')
  })
})

describe('IFLA_XDP', () => {
  test.each<[LinkAttrs['xdp'], number]>([
    [{}, 0],
    [{ fd: -1 }, 0],
    [{ fd: 77 }, errno.EBADF],
    [{ fd: -1, flags: 6 }, errno.EINVAL],
    [{ fd: -1, flags: 0x20 }, errno.EINVAL],
    [{ fd: -1, flags: 0x10 }, errno.EINVAL],
    [{ fd: -1, flags: 0x10, expectedFd: 77 }, errno.EBADF],
    [{ progId: 1 }, errno.EINVAL],
  ])('%j leads to %i', (xdp, code) => {
    expect(setup().change({ xdp })).toMatchObject({ errno: code })
  })
})

describe('settings of virtual functions', () => {
  const nested = (...bytes: number[]) => Uint8Array.of(...bytes)
  test.each([
    ['none', nested(), 0],
    ['of the wrong type', nested(8, 0, 2, 0, 0, 0, 0, 0), errno.EINVAL],
    ['without content', nested(4, 0, 1, 0), errno.EINVAL],
    ['too short', nested(12, 0, 1, 0, 8, 0, 4, 0, 0, 0, 0, 0), errno.ERANGE],
    ['right', nested(16, 0, 1, 0, 12, 0, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0), errno.EOPNOTSUPP],
  ])('%s', (_, vfinfoList, code) => {
    expect(setup().change({ vfinfoList })).toMatchObject({ errno: code })
  })
})

describe('a request that is refused at its beginning', () => {
  it('announces nothing, not even what the kind has changed', () => {
    const { change, heard, socket } = setup()
    change({}, { flags: IFF_UP, change: IFF_UP })
    heard()
    const blackhole = { linkinfo: { kind: 'netkit', data: { policy: 'blackhole' } } } as const
    expect(change({ ...blackhole, gsoMaxSize: 600_000 })).toMatchObject({ errno: errno.EINVAL })
    expect(heard()).toEqual([])
    expect(links(socket).at(-1)?.linkinfo?.data).toMatchObject({ policy: 'blackhole' })
    expect(change({ ...blackhole, master: 99 })).toMatchObject({ errno: errno.EINVAL })
    expect(heard()).toEqual(['nk'])
  })
})

describe('a size', () => {
  it('that is what it was leaves the size for IPv4 alone', () => {
    const { change, socket } = setup()
    change({ groIpv4MaxSize: 400 })
    change({ groMaxSize: 65536 })
    expect(links(socket).at(-1)).toMatchObject({ groMaxSize: 65536, groIpv4MaxSize: 400 })
    change({ groMaxSize: 65535 })
    expect(links(socket).at(-1)).toMatchObject({ groMaxSize: 65535, groIpv4MaxSize: 65535 })
  })
})

describe('alternative names', () => {
  it('are taken one by one; with one refused nobody is told of those before it', () => {
    const { socket, change, heard } = setup()
    change({}, { flags: IFF_UP, change: IFF_UP })
    heard()
    const add = (...altIfname: string[]) =>
      ask(socket, linkRequest(RT_LINK.newlinkprop, { propList: { altIfname } }, { ifindex: 3 })).ack
    expect(add('one', 'one', 'two')).toMatchObject({ errno: errno.EEXIST })
    expect(heard()).toEqual([])
    expect(links(socket).at(-1)?.propList).toEqual({ altIfname: ['one'] })
    expect(add('three')).toMatchObject({ errno: 0 })
    expect(heard()).toEqual(['nk'])
  })
})

describe('veth', () => {
  it('has limits of the MTU wherever the kind is named, without a text', () => {
    const { make, change } = setup()
    expect(make({ ifname: 'v', mtu: 67, linkinfo: { kind: 'veth' } })).toEqual({
      errno: errno.EINVAL,
      extack: {},
      request: expect.anything(),
    })
    expect(change({ mtu: 67, linkinfo: { kind: 'veth' } })).toEqual({
      errno: errno.EINVAL,
      extack: {},
      request: expect.anything(),
    })
  })

  it('cannot have a peer that is up at birth: nothing is left and nothing was heard', () => {
    const { make, heard, socket } = setup()
    const peer = { header: { flags: IFF_UP, change: IFF_UP } }
    expect(make({ ifname: 'v', linkinfo: { kind: 'veth', data: { peer } } })).toMatchObject({ errno: errno.ENOTCONN })
    expect(heard()).toEqual([])
    expect(links(socket).map((l) => l.ifname)).toEqual(['lo', 'nk0', 'nk'])
  })
})

describe('a dummy', () => {
  it('has a carrier that can be switched', () => {
    const { make, socket } = setup()
    make({ ifname: 'd', linkinfo: { kind: 'dummy' } })
    const set = (ifname: string) => ask(socket, linkRequest(RT_LINK.setlink, { ifname, carrier: 0 })).ack
    expect(set('d')).toMatchObject({ errno: 0 })
    expect(links(socket).at(-1)).toMatchObject({ carrier: 0, carrierDownCount: 1 })
    expect(set('nk')).toMatchObject({ errno: errno.EOPNOTSUPP })
  })
})
