import {
  errno,
  type LinkAttrs,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RT_LINK,
  RTM_DELLINK,
  RTM_NEWLINK,
  RTNLGRP_LINK,
} from '@netkit/netlink'
import { describe, expect, it } from 'vitest'
import { ask, Bench, drain, linkOf, linkRequest, links, messagesOf, must } from '../testing/bench.ts'

const CREATE = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL
const add = (attrs: LinkAttrs, ifindex = 0) =>
  linkRequest(RT_LINK.newlink, { linkinfo: { kind: 'dummy' }, ...attrs }, { ifindex }, CREATE)

function bench() {
  const b = new Bench()
  const socket = b.route()
  const listener = b.route()
  listener.join(RTNLGRP_LINK)
  const heard = () =>
    messagesOf(drain(listener)).map((m) => `${m.header.type === RTM_NEWLINK ? '+' : '-'}${linkOf(m).ifname}`)
  return { b, socket, heard }
}
const nextIndex = (socket: ReturnType<typeof bench>['socket']) => {
  must(socket, add({ ifname: 'probe' }))
  const found = links(socket).find((l) => l.ifname === 'probe')?.header.ifindex
  must(socket, linkRequest(RT_LINK.dellink, { ifname: 'probe' }))
  return found
}

describe('a creation that is refused', () => {
  it('for its name uses up no number', () => {
    const { socket } = bench()
    for (const ifname of ['a/b', '..', '%d%d']) expect(ask(socket, add({ ifname })).ack?.errno).toBe(errno.EINVAL)
    expect(nextIndex(socket)).toBe(2)
  })

  it('for what its template came to uses one up', () => {
    const { socket } = bench()
    must(socket, add({ ifname: 'a%d1' }))
    expect(ask(socket, add({ ifname: 'a%d1' })).ack?.errno).toBe(errno.EEXIST)
    expect(nextIndex(socket)).toBe(4)
  })

  it('for a name that IP keeps for itself uses one up', () => {
    const { socket, heard } = bench()
    for (const ifname of ['all', 'default']) expect(ask(socket, add({ ifname })).ack?.errno).toBe(errno.EINVAL)
    expect(heard()).toEqual([])
    expect(nextIndex(socket)).toBe(4)
    expect(links(socket)).toHaveLength(1)
  })

  it('at the second end of a pair takes the first away again, which was announced already', () => {
    const { socket, heard } = bench()
    must(socket, add({ ifname: 'taken' }))
    heard()
    // The name is the peer's when the primary wants it.
    const data = { peerInfo: { ifname: 'both' } }
    expect(ask(socket, add({ ifname: 'both', linkinfo: { kind: 'netkit', data } })).ack?.errno).toBe(errno.EEXIST)
    expect(heard()).toEqual(['+both', '-both'])
    expect(links(socket).map((l) => l.ifname)).toEqual(['lo', 'taken'])
    expect(nextIndex(socket)).toBe(4)
  })

  it('because its master does not exist takes both ends away again', () => {
    const { socket } = bench()
    const slave = linkRequest(RT_LINK.newlink, { master: 99, linkinfo: { kind: 'netkit' } }, {}, CREATE)
    expect(ask(socket, slave).ack?.errno).toBe(errno.EINVAL)
    expect(links(socket).map((l) => l.ifname)).toEqual(['lo'])
  })
})

describe('a deletion', () => {
  it('of several at once closes all, then announces each as gone', () => {
    const { socket, heard } = bench()
    const group = { group: 4 }
    for (const ifname of ['a', 'b'])
      must(
        socket,
        linkRequest(
          RT_LINK.newlink,
          { ifname, ...group, linkinfo: { kind: 'dummy' } },
          { flags: 1, change: 1 },
          CREATE,
        ),
      )
    heard()
    must(socket, linkRequest(RT_LINK.dellink, group))
    expect(heard()).toEqual(['+a', '+b', '-a', '-b'])
  })

  it('of a group spares it if one of it cannot be deleted', () => {
    const { socket, heard } = bench()
    must(socket, add({ ifname: 'a', group: 4 }))
    must(socket, linkRequest(RT_LINK.setlink, { ifname: 'lo', group: 4 }))
    heard()
    expect(ask(socket, linkRequest(RT_LINK.dellink, { group: 4 })).ack?.errno).toBe(errno.EOPNOTSUPP)
    expect(ask(socket, linkRequest(RT_LINK.dellink, { group: 0 })).ack?.errno).toBe(errno.EPERM)
    expect(ask(socket, linkRequest(RT_LINK.dellink, { group: 5 })).ack?.errno).toBe(errno.ENODEV)
    expect(heard()).toEqual([])
  })

  it('shows the device as it was left: unlinked, without addresses of IP, without qdisc', () => {
    const { b, socket } = bench()
    must(socket, linkRequest(RT_LINK.newlink, { ifname: 'M', linkinfo: { kind: 'netkit' } }, {}, CREATE))
    for (const ifname of ['M', 'nk0']) must(socket, linkRequest(RT_LINK.setlink, { ifname }, { flags: 1, change: 1 }))
    const listener = b.route()
    listener.join(RTNLGRP_LINK)
    must(socket, linkRequest(RT_LINK.dellink, { ifname: 'M' }))
    const messages = messagesOf(drain(listener))
    expect(messages.map((m) => [m.header.type, linkOf(m).ifname, linkOf(m).header.change])).toEqual([
      [RTM_NEWLINK, 'M', 0x41],
      [RTM_NEWLINK, 'nk0', 0x41],
      [RTM_DELLINK, 'M', 0xffff_ffff],
      [RTM_DELLINK, 'nk0', 0xffff_ffff],
    ])
    for (const m of messages.slice(2))
      expect(linkOf(m)).toMatchObject({ qdisc: 'noop', afSpec: {}, carrier: 0, link: 0 })
  })
})

describe('devices that go together', () => {
  it('are closed with those first that have a lock of their own, and go in order', () => {
    const { socket, heard } = bench()
    must(socket, add({ ifname: 'v', group: 5, linkinfo: { kind: 'veth' } }))
    must(socket, add({ ifname: 'd', group: 5 }))
    must(socket, linkRequest(RT_LINK.newlink, { group: 5 }, { flags: 1, change: 1 }))
    heard()
    must(socket, linkRequest(RT_LINK.dellink, { group: 5 }))
    expect(heard()).toEqual(['+d', '+veth0', '+v', '-veth0', '-v', '-d'])
  })
})
