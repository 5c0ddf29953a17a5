import {
  decodeAck,
  errno,
  KernelError,
  NETLINK_GENERIC,
  NETLINK_ROUTE,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_EXCL,
  NLMSG_DONE,
  NLMSG_ERROR,
  RT_LINK,
  RTM_NEWLINK,
  RTNLGRP_LINK,
  splitMessages,
} from '@netkit/netlink'
import { describe, expect, it } from 'vitest'
import { ALL_CAPABILITIES, CAP_NET_BROADCAST, without } from '../access/capability.ts'
import { openDoors } from '../doors/open.ts'
import { ask, Bench, drain, linkRequest, links, messagesOf, must } from '../testing/bench.ts'
import type { NetlinkSocket } from './socket.ts'

const mtu = (n: number) => linkRequest(RT_LINK.setlink, { mtu: n }, { ifindex: 1 })
const getLo = () => linkRequest(RT_LINK.getlink, {}, { ifindex: 1 })
const create = (ifname: string) =>
  linkRequest(RT_LINK.newlink, { ifname, linkinfo: { kind: 'dummy' } }, {}, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL)

const typesOf = (socket: NetlinkSocket): number[] => messagesOf(drain(socket)).map((m) => m.header.type)
/** What `receive` does next: the datagram's message types, nothing, or the error that it throws. */
function next(socket: NetlinkSocket): number[] | string | undefined {
  try {
    const item = socket.receive()
    return item && splitMessages(item.bytes).map((m) => m.header.type)
  } catch (e) {
    return (e as KernelError).code
  }
}

describe('port ids', () => {
  it('are the process id, else a random one whose top bit is set', () => {
    const bench = new Bench()
    const ports = [1, 2, 3].map(() => bench.route().portId)
    expect(ports[0]).toBe(bench.root.pid)
    for (const port of ports.slice(1)) expect(port).toBeGreaterThanOrEqual(0x8000_0000)
    expect(new Set(ports).size).toBe(3)
  })

  it('are counted by namespace and protocol', () => {
    const bench = new Bench()
    const { ns } = bench.namespace()
    const { pid } = bench.root
    expect([bench.route(), bench.generic(), bench.route(ns), bench.generic(ns)].map((s) => s.portId)).toEqual([
      pid,
      pid,
      pid,
      pid,
    ])
  })

  it('can be wished for, and are free again after close', () => {
    const bench = new Bench()
    const socket = bench.route(bench.ns, { portId: 4711 })
    expect(socket.portId).toBe(4711)
    expect(() => bench.route(bench.ns, { portId: 4711 })).toThrow(
      expect.objectContaining({ code: 'EADDRINUSE', op: 'bind netlink socket to port 4711' }),
    )
    socket.close()
    expect(bench.route(bench.ns, { portId: 4711 }).portId).toBe(4711)
  })

  it('may be given as a negative number, and 0 wishes for none', () => {
    const bench = new Bench()
    expect(bench.route(bench.ns, { portId: -5 }).portId).toBe(0xffff_fffb)
    expect(bench.route(bench.ns, { portId: 0 }).portId).toBe(bench.root.pid)
    expect(bench.route(bench.ns, { portId: 0 }).portId).not.toBe(0)
  })
})

it('there are sockets for route and generic netlink only', () => {
  const bench = new Bench()
  const open = (protocol: number) => bench.kernel.openSocket({ protocol, ns: bench.ns, process: bench.root })
  expect(open(NETLINK_ROUTE).protocol).toBe(0)
  expect(open(NETLINK_GENERIC).protocol).toBe(16)
  expect(() => open(15)).toThrow(expect.objectContaining({ code: 'EPROTONOSUPPORT' }))
})

describe('datagrams', () => {
  it('are taken up to the size of the send buffer, less what a datagram costs', () => {
    const socket = new Bench().route()
    expect(socket.send(new Uint8Array(0))).toBe(-errno.ENODATA)
    for (const n of [1, 15, 16, 212_960]) expect(socket.send(new Uint8Array(n))).toBe(0)
    for (const n of [212_961, 300_000]) expect(socket.send(new Uint8Array(n))).toBe(-errno.EMSGSIZE)
    expect(next(socket)).toBeUndefined()
  })

  it('are not taken by a closed socket', () => {
    const bench = new Bench()
    const socket = bench.route()
    const other = bench.route()
    other.join(RTNLGRP_LINK)
    socket.send(getLo())
    socket.close()
    socket.close()
    other.close()
    expect(socket.send(getLo())).toBe(-errno.EBADF)
    expect(socket.receive()).toBeUndefined()
    expect(socket.readable).toBe(false)
    expect(socket.deliver(new Uint8Array(1))).toBe(false)
    must(bench.route(), mtu(1000))
    expect(other.receive()).toBeUndefined()
  })
})

describe('a receive buffer that is full', () => {
  const SMALL = 8192
  const fill = (bench: Bench, times = 40) => {
    const asker = bench.route()
    for (let n = 0; n < times; n++) must(asker, mtu(1000 + n))
  }

  it('loses notifications: ENOBUFS once, then what was kept, and nothing new before all of that was read', () => {
    const bench = new Bench()
    const socket = bench.route(bench.ns, { receiveBuffer: SMALL })
    socket.join(RTNLGRP_LINK)
    fill(bench)
    expect(next(socket)).toBe('ENOBUFS')
    expect(next(socket)).toEqual([RTM_NEWLINK])
    fill(bench, 3)
    const rest = typesOf(socket)
    // 8192 bytes hold no more than eight messages of a thousand bytes; none of the last three is among them.
    expect(rest.length).toBeGreaterThan(0)
    expect(rest.length).toBeLessThan(8)
    expect(next(socket)).toBeUndefined()
    fill(bench, 2)
    expect(typesOf(socket)).toEqual([RTM_NEWLINK, RTM_NEWLINK])
  })

  it('loses replies and acknowledgements, too, while requests are carried out', () => {
    const bench = new Bench()
    const socket = bench.route(bench.ns, { receiveBuffer: SMALL })
    for (let n = 0; n < 40; n++) socket.send(getLo())
    socket.send(mtu(4711))
    expect(next(socket)).toBe('ENOBUFS')
    const kept = typesOf(socket)
    expect(kept.slice(0, 4)).toEqual([RTM_NEWLINK, NLMSG_ERROR, RTM_NEWLINK, NLMSG_ERROR])
    expect(kept.length).toBeLessThan(20)
    expect(links(bench.route())[0].mtu).toBe(4711)
    // Empty again, it works as ever.
    expect(ask(socket, getLo()).ack?.errno).toBe(0)
  })

  it('is bounded, whatever is sent and however long nobody reads', () => {
    const bench = new Bench()
    const socket = bench.route(bench.ns, { receiveBuffer: SMALL })
    socket.join(RTNLGRP_LINK)
    for (let n = 0; n < 200; n++) {
      socket.send(linkRequest(RT_LINK.getlink, {}, {}, NLM_F_DUMP | NLM_F_ACK))
      socket.send(mtu(1000 + n))
    }
    expect(next(socket)).toBe('ENOBUFS')
    let bytes = 0
    for (let item = socket.receive(); item; item = socket.receive()) bytes += item.bytes.length
    // One dump may stand at the end; it was begun while there was room.
    expect(bytes).toBeLessThan(SMALL + 32_768)
  })

  it('lets a dump wait for room instead of losing part of it', () => {
    const bench = new Bench()
    const maker = bench.route()
    for (let n = 0; n < 100; n++) must(maker, create(`d${n}`))
    const socket = bench.route(bench.ns, { receiveBuffer: SMALL })
    for (let n = 0; n < 40; n++) socket.send(getLo())
    socket.send(linkRequest(RT_LINK.getlink, {}, {}, NLM_F_DUMP))
    expect(next(socket)).toBe('ENOBUFS')
    const messages = messagesOf(drain(socket))
    const dump = messages.slice(messages.findLastIndex((m) => m.header.type === NLMSG_ERROR) + 1)
    expect(dump.map((m) => m.header.type)).toEqual([...new Array(101).fill(RTM_NEWLINK), NLMSG_DONE])
  })

  it('tells a reader that waits that something was lost', () => {
    const bench = new Bench()
    const socket = bench.route(bench.ns, { receiveBuffer: 0 })
    let woken = 0
    socket.onReadable = () => woken++
    socket.join(RTNLGRP_LINK)
    fill(bench, 3)
    expect(woken).toBe(2)
    expect(socket.readable).toBe(true)
    expect(next(socket)).toBe('ENOBUFS')
    expect(next(socket)).toEqual([RTM_NEWLINK])
    expect(socket.readable).toBe(false)
  })
})

describe('multicast groups', () => {
  const VALID = { route: [1, 2, 28, 39], generic: [1, 5, 6, 7, 8, 16, 63, 64] }
  const INVALID = { route: [0, 40, 63, 64, 65, -1], generic: [0, 65, 100, -1] }

  it('are those that there can be: 1 to 39 of route, 1 to 64 of generic netlink, used or not', () => {
    const bench = new Bench()
    for (const kind of ['route', 'generic'] as const) {
      const socket = bench[kind]()
      for (const group of VALID[kind]) expect([group, socket.join(group), socket.leave(group)]).toEqual([group, 0, 0])
      for (const group of INVALID[kind]) {
        expect([group, socket.join(group), socket.leave(group)]).toEqual([group, -errno.EINVAL, -errno.EINVAL])
      }
    }
  })

  it('are joined and left once, however often it is asked for', () => {
    const bench = new Bench()
    const socket = bench.route()
    const asker = bench.route()
    expect([socket.join(RTNLGRP_LINK), socket.join(RTNLGRP_LINK)]).toEqual([0, 0])
    must(asker, mtu(1000))
    expect(drain(socket).map((item) => item.group)).toEqual([RTNLGRP_LINK])
    expect([socket.leave(RTNLGRP_LINK), socket.leave(RTNLGRP_LINK)]).toEqual([0, 0])
    must(asker, mtu(1001))
    expect(drain(socket)).toEqual([])
  })

  it('are heard in their namespace and protocol only', () => {
    const bench = new Bench()
    const { ns } = bench.namespace()
    const here = bench.route()
    const elsewhere = bench.route(ns)
    const generic = bench.generic()
    for (const socket of [here, elsewhere, generic]) socket.join(1)
    must(bench.route(), mtu(1000))
    expect([here, elsewhere, generic].map((socket) => drain(socket).length)).toEqual([1, 0, 0])
  })
})

describe('listening to all namespaces', () => {
  it('hears those that have an id here, and says which', () => {
    const bench = new Bench()
    const { ns, fd } = bench.namespace()
    const all = bench.route()
    bench.kernel.setListenAllNsid(all, true)
    all.join(RTNLGRP_LINK)
    const inside = bench.route(ns)
    must(inside, mtu(1000))
    expect(drain(all)).toEqual([])
    // Moving a device there gives it an id, 0.
    must(bench.route(), create('d0'))
    must(bench.route(), linkRequest(RT_LINK.setlink, { ifname: 'd0', netNsFd: fd }))
    drain(all)
    must(inside, mtu(1001))
    expect(drain(all)).toEqual([{ bytes: expect.any(Uint8Array), group: RTNLGRP_LINK, nsid: 0 }])
    must(bench.route(), mtu(1002))
    expect(drain(all)).toEqual([{ bytes: expect.any(Uint8Array), group: RTNLGRP_LINK, nsid: undefined }])
    bench.kernel.setListenAllNsid(all, false)
    must(inside, mtu(1003))
    expect(drain(all)).toEqual([])
  })

  it('is for those who have CAP_NET_BROADCAST', async () => {
    const bench = new Bench()
    const capabilities = without(ALL_CAPABILITIES, CAP_NET_BROADCAST)
    const process = bench.kernel.createProcess({ credentials: { ...bench.kernel.root, capabilities } })
    const doors = openDoors(bench.kernel, process)
    await expect(doors.netlink({ protocol: NETLINK_ROUTE, listenAllNsid: true })).rejects.toThrow(
      expect.objectContaining({ code: 'EPERM' }),
    )
    // The socket that could not be had left nothing behind.
    const socket = await doors.netlink({ protocol: NETLINK_ROUTE })
    expect(socket.portId).toBe(process.pid)
  })
})

describe('what is read', () => {
  it('is in order, as long as it may take', () => {
    const bench = new Bench()
    const socket = bench.route(bench.ns, { receiveBuffer: 100_000_000 })
    socket.join(RTNLGRP_LINK)
    const asker = bench.route()
    const seen: number[] = []
    for (let n = 0; n < 3000; n++) {
      must(asker, mtu(1000 + n))
      if (n % 3 === 0) seen.push(mtuIn(socket.receive()?.bytes))
    }
    for (let item = socket.receive(); item; item = socket.receive()) seen.push(mtuIn(item.bytes))
    expect(seen).toEqual(Array.from({ length: 3000 }, (_, n) => 1000 + n))
  })

  it('does not share memory with what others get', () => {
    const bench = new Bench()
    const [one, other] = [bench.route(), bench.route()]
    for (const socket of [one, other]) socket.join(RTNLGRP_LINK)
    must(bench.route(), mtu(1000))
    const first = drain(one)[0]
    must(bench.route(), mtu(2000))
    expect(mtuIn(first.bytes)).toBe(1000)
    expect(drain(other).map((item) => mtuIn(item.bytes))).toEqual([1000, 2000])
  })
})

const MTU = 4
function mtuIn(bytes: Uint8Array | undefined): number {
  if (!bytes) return -1
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  for (let at = 32; at < bytes.length; at += (view.getUint16(at, true) + 3) & ~3) {
    if (view.getUint16(at + 2, true) === MTU) return view.getUint32(at + 4, true)
  }
  return -1
}

it('an error names the request that it answers', () => {
  const socket = new Bench().route()
  socket.send(linkRequest(RT_LINK.getlink, {}, { ifindex: 99 }))
  const [m] = messagesOf(drain(socket))
  expect(m.header.portId).toBe(socket.portId)
  expect(decodeAck(m)).toMatchObject({ errno: errno.ENODEV, request: { seq: m.header.seq } })
  expect(new KernelError({ op: 'x', errno: decodeAck(m).errno }).code).toBe('ENODEV')
})
