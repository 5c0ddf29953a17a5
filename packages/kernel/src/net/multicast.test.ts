import {
  type LinkAttrs,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_ECHO,
  NLM_F_EXCL,
  NLM_F_REQUEST,
  NLMSG_ERROR,
  NSID,
  RT_LINK,
  RT_NSID,
  RTM_DELLINK,
  RTM_DELNSID,
  RTM_NEWLINK,
  RTM_NEWNSID,
  RTNLGRP_LINK,
  RTNLGRP_NSID,
} from '@netkit/netlink'
import { routeMessage } from '@netkit/netlink/testing'
import { describe, expect, it } from 'vitest'
import type { NetlinkSocket } from '../netlink/socket.ts'
import { attrsOf, Bench, drain, linkOf, linkRequest, messagesOf, must } from '../testing/bench.ts'

const CREATE = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL
const pair = (attrs: LinkAttrs = {}, flags = CREATE) =>
  linkRequest(RT_LINK.newlink, { linkinfo: { kind: 'netkit' }, ...attrs }, {}, flags)

interface Heard {
  readonly type: number
  readonly portId: number
  readonly seq: number
  readonly name?: string
  readonly group: number
}

/** Everything that a socket has heard since it was last asked. */
function heard(socket: NetlinkSocket): Heard[] {
  return drain(socket).flatMap((item) =>
    messagesOf([item]).map((m) => {
      const { type, portId, seq } = m.header
      const name = type === RTM_NEWLINK || type === RTM_DELLINK ? linkOf(m).ifname : undefined
      return { type, portId, seq, name, group: item.group }
    }),
  )
}

const names = (list: readonly Heard[]) => list.map((h) => `${h.type === RTM_NEWLINK ? '+' : '-'}${h.name}`)
const listen = (bench: Bench, ns = bench.ns) => {
  const socket = bench.route(ns)
  socket.join(RTNLGRP_LINK)
  socket.join(RTNLGRP_NSID)
  return socket
}

describe('notifications', () => {
  it('are sent to all who listen, from nobody in particular', () => {
    const bench = new Bench()
    const [one, other] = [listen(bench), listen(bench)]
    must(bench.route(), pair())
    const first = heard(one)
    expect(names(first)).toEqual(['+nk0', '+nk1'])
    for (const h of first) expect(h).toMatchObject({ portId: 0, seq: 0, group: RTNLGRP_LINK })
    expect(heard(other)).toEqual(first)
  })

  it('reach the requester as one of them', () => {
    const bench = new Bench()
    const socket = listen(bench)
    socket.send(pair())
    const list = heard(socket)
    expect(list.map((h) => h.type)).toEqual([RTM_NEWLINK, RTM_NEWLINK, NLMSG_ERROR])
    expect(list[1]).toMatchObject({ portId: 0, group: RTNLGRP_LINK })
  })

  it('are the same bytes for all', () => {
    const bench = new Bench()
    const sockets = [listen(bench), listen(bench), listen(bench)]
    must(bench.route(), pair({ mtu: 1400 }))
    const [a, b, c] = sockets.map((s) => drain(s).map((item) => item.bytes))
    expect(b).toEqual(a)
    expect(c).toEqual(a)
  })

  it('are heard no more after leaving or closing', () => {
    const bench = new Bench()
    const [left, closed] = [listen(bench), listen(bench)]
    left.leave(RTNLGRP_LINK)
    closed.close()
    must(bench.route(), pair())
    expect(heard(left)).toEqual([])
    expect(heard(closed)).toEqual([])
  })
})

describe('an echo', () => {
  it('is sent to the requester alone, as an answer; others hear the same message, with its port id and number', () => {
    const bench = new Bench()
    const other = listen(bench)
    const socket = bench.route()
    const request = pair({ ifname: 'mine' }, CREATE | NLM_F_ECHO)
    const seq = new DataView(request.buffer).getUint32(8, true)
    socket.send(request)
    const list = heard(socket)
    expect(list.map((h) => [h.type, h.name, h.portId, h.seq, h.group])).toEqual([
      [RTM_NEWLINK, 'mine', socket.portId, seq, 0],
      [NLMSG_ERROR, undefined, socket.portId, seq, 0],
    ])
    // The peer's own announcement is not part of it.
    expect(heard(other).map((h) => [h.name, h.portId, h.seq])).toEqual([
      ['nk0', 0, 0],
      ['mine', socket.portId, seq],
    ])
  })

  it('comes once to a requester who also listens', () => {
    const bench = new Bench()
    const socket = listen(bench)
    socket.send(pair({ ifname: 'mine' }, CREATE | NLM_F_ECHO))
    expect(heard(socket).map((h) => [h.name, h.group])).toEqual([
      ['nk0', RTNLGRP_LINK],
      ['mine', 0],
      [undefined, 0],
    ])
  })

  it('of a deletion covers both ends in one namespace', () => {
    const bench = new Bench()
    const socket = bench.route()
    must(socket, pair())
    socket.send(linkRequest(RT_LINK.dellink, { ifname: 'nk0' }, {}, NLM_F_ACK | NLM_F_ECHO))
    expect(names(heard(socket).slice(0, 2))).toEqual(['-nk0', '-nk1'])
  })

  it('is addressed by port id in the namespace of the device: elsewhere the requester gets none', () => {
    const bench = new Bench()
    const { ns, fd } = bench.namespace()
    const socket = bench.route(bench.ns, { portId: 4000 })
    const stranger = bench.route(ns, { portId: 4000 })
    const listener = listen(bench, ns)
    socket.send(pair({ ifname: 'far', netNsFd: fd }, CREATE | NLM_F_ECHO))
    expect(heard(socket).map((h) => h.type)).toEqual([NLMSG_ERROR])
    expect(names(heard(stranger))).toEqual(['+far'])
    expect(names(heard(listener).filter((h) => h.name !== undefined))).toEqual(['+nk0', '+far'])
  })

  it('of a namespace id comes to whoever asked for it', () => {
    const bench = new Bench()
    const { fd } = bench.namespace()
    const socket = bench.route()
    const other = listen(bench)
    const request = routeMessage(
      RT_NSID.newnsid,
      {},
      { nsid: 7, fd },
      { flags: NLM_F_REQUEST | NLM_F_ACK | NLM_F_ECHO, seq: 5 },
    )
    socket.send(request)
    expect(heard(socket).map((h) => [h.type, h.seq, h.group])).toEqual([
      [RTM_NEWNSID, 5, 0],
      [NLMSG_ERROR, 5, 0],
    ])
    expect(heard(other).map((h) => [h.type, h.portId, h.seq])).toEqual([[RTM_NEWNSID, socket.portId, 5]])
  })

  it('is not there for what was refused', () => {
    const bench = new Bench()
    const socket = bench.route()
    socket.send(pair({ mtu: 1 }, CREATE | NLM_F_ECHO))
    expect(heard(socket).map((h) => h.type)).toEqual([NLMSG_ERROR])
  })
})

describe('ids of namespaces', () => {
  it('are announced where they are given out, before the message that needs them', () => {
    const bench = new Bench()
    const { ns, fd } = bench.namespace()
    const [here, there] = [listen(bench), listen(bench, ns)]
    must(bench.route(), pair({ linkinfo: { kind: 'netkit', data: { peerInfo: { netNsFd: fd } } } }))
    expect(heard(here).map((h) => h.type)).toEqual([RTM_NEWNSID, RTM_NEWLINK])
    expect(heard(there).map((h) => h.type)).toEqual([RTM_NEWLINK])
    // The end over there was announced before it was linked; its next message needs an id for this side.
    must(bench.route(ns), linkRequest(RT_LINK.setlink, { ifname: 'nk0', mtu: 1400 }))
    expect(heard(there).map((h) => h.type)).toEqual([RTM_NEWNSID, RTM_NEWLINK])
  })

  it('are taken back when the namespace goes, and heard of by all who knew it', () => {
    const bench = new Bench()
    const { ns, fd } = bench.namespace()
    const third = bench.namespace()
    must(bench.route(), routeMessage(RT_NSID.newnsid, {}, { nsid: 3, fd }, { flags: NLM_F_REQUEST | NLM_F_ACK }))
    const within = bench.route(third.ns)
    must(within, routeMessage(RT_NSID.newnsid, {}, { nsid: 9, fd }, { flags: NLM_F_REQUEST | NLM_F_ACK }))
    const sockets = [listen(bench), listen(bench, third.ns)]
    bench.root.closeFile(fd)
    bench.kernel.settle()
    expect(bench.kernel.namespaces.has(ns)).toBe(false)
    for (const [i, id] of [3, 9].entries()) {
      const [m] = messagesOf(drain(sockets[i]))
      expect(m.header.type).toBe(RTM_DELNSID)
      expect(attrsOf(m, NSID, 20)).toEqual({ nsid: id })
    }
  })
})

it('a device that moves is announced as gone here, with its new place, and as new there', () => {
  const bench = new Bench()
  const { ns, fd } = bench.namespace()
  must(
    bench.route(),
    linkRequest(RT_LINK.newlink, { ifname: 'd', linkinfo: { kind: 'dummy' } }, { flags: 1, change: 1 }, CREATE),
  )
  const [here, there] = [listen(bench), listen(bench, ns)]
  must(bench.route(), linkRequest(RT_LINK.setlink, { ifname: 'd', netNsFd: fd, newIfindex: 40 }))
  const messages = messagesOf(drain(here))
  expect(messages.map((m) => m.header.type)).toEqual([RTM_NEWLINK, RTM_NEWNSID, RTM_DELLINK])
  expect(linkOf(messages[2])).toMatchObject({ newNetnsid: 0, newIfindex: 40, header: { ifindex: 2, flags: 0x82 } })
  const [arrived] = messagesOf(drain(there))
  expect(linkOf(arrived)).toMatchObject({ ifname: 'd', header: { ifindex: 40, flags: 0x82, change: 0xffff_ffff } })
})
