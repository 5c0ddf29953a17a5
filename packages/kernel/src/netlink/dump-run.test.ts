import {
  decodeAck,
  decodeDone,
  errno,
  type Message,
  NETDEV,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_EXCL,
  NLM_F_MATCH,
  NLM_F_MULTI,
  NLM_F_REQUEST,
  NLM_F_ROOT,
  NLMSG_DONE,
  NLMSG_ERROR,
  RT_LINK,
  RT_NSID,
  RTM_NEWLINK,
  splitMessages,
} from '@netkit/netlink'
import { genericMessage, routeMessage } from '@netkit/netlink/testing'
import { describe, expect, it } from 'vitest'
import { ask, Bench, drain, linkOf, linkRequest, messagesOf, must } from '../testing/bench.ts'
import type { NetlinkSocket } from './socket.ts'

const create = (ifname: string) =>
  linkRequest(RT_LINK.newlink, { ifname, linkinfo: { kind: 'dummy' } }, {}, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL)
const remove = (ifname: string) => linkRequest(RT_LINK.dellink, { ifname })
const dump = (flags = NLM_F_DUMP) => linkRequest(RT_LINK.getlink, {}, {}, flags)

/** A namespace with so many devices that a dump takes several datagrams. */
function crowded(count = 150) {
  const bench = new Bench()
  const maker = bench.route()
  for (let n = 0; n < count; n++) must(maker, create(`d${n}`))
  return { bench, maker, socket: bench.route() }
}

const read = (socket: NetlinkSocket): Message[] => splitMessages(socket.receive()!.bytes)
const indexes = (messages: readonly Message[]) =>
  messages.filter((m) => m.header.type === RTM_NEWLINK).map((m) => linkOf(m).header.ifindex)

describe('a dump', () => {
  it('comes in parts, each made when the one before was read, and ends alone', () => {
    const { socket } = crowded()
    socket.send(dump())
    const parts: Message[][] = []
    for (let item = socket.receive(); item; item = socket.receive()) parts.push(splitMessages(item.bytes))
    expect(parts.length).toBeGreaterThan(3)
    expect(parts.at(-1)?.map((m) => m.header.type)).toEqual([NLMSG_DONE])
    expect(indexes(parts.flat())).toEqual(Array.from({ length: 151 }, (_, i) => i + 1))
    for (const m of parts.flat()) expect(m.header).toMatchObject({ flags: NLM_F_MULTI, portId: socket.portId })
    for (const part of parts) expect(part.at(-1)!.end).toBeLessThanOrEqual(32_768)
  })

  it('is asked for by either bit with route, by both with generic netlink', () => {
    const bench = new Bench()
    for (const flag of [NLM_F_ROOT, NLM_F_MATCH, NLM_F_DUMP]) {
      expect(ask(bench.route(), dump(flag)).ack).toEqual({ errno: 0, extack: {} })
    }
    const generic = (flags: number) => genericMessage(22, NETDEV.commands.devGet, {}, { flags: NLM_F_REQUEST | flags })
    expect(ask(bench.generic(), generic(NLM_F_DUMP)).ack).toEqual({ errno: 0, extack: {} })
    for (const flag of [NLM_F_ROOT, NLM_F_MATCH]) {
      expect(ask(bench.generic(), generic(flag)).ack).toMatchObject({
        errno: errno.EINVAL,
        extack: { msg: 'ambiguous or reserved bits set in nlmsg_flags' },
      })
    }
  })

  it('is not acknowledged, also where that was asked for', () => {
    const socket = new Bench().route()
    socket.send(dump(NLM_F_DUMP | NLM_F_ACK))
    expect(messagesOf(drain(socket)).map((m) => m.header.type)).toEqual([RTM_NEWLINK, NLMSG_DONE])
  })

  it('that runs keeps a second one out, but no other request', () => {
    const { socket } = crowded()
    socket.send(dump())
    const second = dump(NLM_F_DUMP | NLM_F_ACK)
    socket.send(second)
    socket.send(routeMessage(RT_NSID.getnsid, {}, {}, { flags: NLM_F_REQUEST | NLM_F_DUMP }))
    socket.send(linkRequest(RT_LINK.getlink, {}, { ifindex: 1 }))
    const first = read(socket)
    expect(first[0].header.type).toBe(RTM_NEWLINK)
    const [busy] = read(socket)
    expect(decodeAck(busy)).toMatchObject({
      errno: errno.EBUSY,
      request: { seq: new DataView(second.buffer).getUint32(8, true) },
    })
    expect(decodeAck(read(socket)[0]).errno).toBe(errno.EBUSY)
    const rest = messagesOf(drain(socket))
    expect(rest.slice(0, 2).map((m) => m.header.type)).toEqual([RTM_NEWLINK, NLMSG_ERROR])
    expect(indexes([...first, ...rest.slice(2)])).toHaveLength(151)
    // When it has ended, the next may begin, on the same socket.
    expect(ask(socket, dump()).replies).toHaveLength(151)
  })

  it('on another socket is another one', () => {
    const { bench, socket } = crowded()
    const other = bench.route()
    socket.send(dump())
    other.send(dump())
    const [a, b] = [socket, other].map((s) => indexes(messagesOf(drain(s))))
    expect(a).toHaveLength(151)
    expect(b).toEqual(a)
  })

  it('that nobody reads to its end goes with its socket', () => {
    const { bench, socket } = crowded()
    socket.send(dump())
    read(socket)
    socket.close()
    const again = bench.route(bench.ns, { portId: socket.portId })
    expect(ask(again, dump()).replies).toHaveLength(151)
  })
})

describe('a dump during which devices come and go', () => {
  /** What the message headers of each further part say, the end left out. */
  const interruptions = (socket: NetlinkSocket) => {
    const parts: string[] = []
    for (let item = socket.receive(); item; item = socket.receive()) {
      const messages = splitMessages(item.bytes)
      if (messages[0].header.type === NLMSG_DONE) {
        expect(messages[0].header.flags).toBe(NLM_F_MULTI)
        continue
      }
      const marked = messages.map((m) => (m.header.flags & NLM_F_DUMP_INTR) !== 0)
      expect(marked.slice(1)).not.toContain(true)
      parts.push(marked[0] ? 'interrupted' : 'sound')
    }
    return parts
  }

  it('says so in the first record of the next part', () => {
    const { maker, socket } = crowded()
    socket.send(dump())
    // The second part is made when the first is read: what happens now shows in the third.
    expect(read(socket)[0].header.flags).toBe(NLM_F_MULTI)
    must(maker, create('late'))
    expect(interruptions(socket).slice(0, 3)).toEqual(['sound', 'interrupted', 'sound'])
  })

  it('says so for each part before which something changed', () => {
    const { maker, socket } = crowded()
    socket.send(dump())
    read(socket)
    must(maker, remove('d149'))
    read(socket)
    must(maker, remove('d148'))
    expect(interruptions(socket).slice(0, 4)).toEqual(['interrupted', 'interrupted', 'sound', 'sound'])
  })

  it('does not care for changes of devices that stay, nor of other namespaces', () => {
    const { bench, maker, socket } = crowded()
    const { ns } = bench.namespace()
    socket.send(dump())
    read(socket)
    must(maker, linkRequest(RT_LINK.setlink, { ifname: 'd5', mtu: 1000 }, { flags: 1, change: 1 }))
    must(maker, linkRequest(RT_LINK.setlink, { ifname: 'renamed' }, { ifindex: 7 }))
    must(bench.route(ns), create('d0'))
    expect(interruptions(socket)).not.toContain('interrupted')
  })

  it('takes a move to another namespace for a change', () => {
    const { bench, maker, socket } = crowded()
    const { fd } = bench.namespace()
    socket.send(dump())
    read(socket)
    must(maker, linkRequest(RT_LINK.setlink, { ifname: 'd100', netNsFd: fd }))
    expect(interruptions(socket)).toContain('interrupted')
  })

  it('shows each device that stays exactly once', () => {
    const { maker, socket } = crowded()
    socket.send(dump())
    const seen = [...read(socket)]
    let n = 0
    for (let item = socket.receive(); item; item = socket.receive()) {
      seen.push(...splitMessages(item.bytes))
      must(maker, remove(`d${n}`))
      must(maker, create(`e${n}`))
      n++
    }
    const names = seen.filter((m) => m.header.type === RTM_NEWLINK).map((m) => linkOf(m).ifname)
    expect(new Set(names).size).toBe(names.length)
    for (let i = n; i < 150; i++) expect(names).toContain(`d${i}`)
  })

  it('of a namespace that is being left for good ends', () => {
    const { bench, socket } = crowded()
    const { ns, fd } = bench.namespace()
    const inside = bench.route(ns)
    for (let n = 0; n < 100; n++) must(inside, create(`x${n}`))
    inside.send(dump())
    read(inside)
    bench.root.closeFile(fd)
    // The socket still holds it.
    expect(indexes(messagesOf(drain(inside))).length).toBeGreaterThan(50)
    inside.close()
    expect(bench.kernel.namespaces.has(ns)).toBe(false)
    expect(ask(socket, dump()).replies).toHaveLength(151)
  })
})

describe('the end of a dump', () => {
  it('carries what is wrong with the request', () => {
    const bench = new Bench()
    const socket = bench.route(bench.ns, { strict: true })
    const { ack, replies } = ask(socket, linkRequest(RT_LINK.getlink, { mtu: 5 }, {}, NLM_F_DUMP))
    expect(replies).toEqual([])
    expect(ack).toEqual({ errno: errno.EINVAL, extack: { msg: 'Unsupported attribute in link dump request' } })
  })

  it('keeps words to itself on a socket that does not want them', () => {
    const bench = new Bench()
    const socket = bench.route(bench.ns, { strict: true, extAck: false })
    socket.send(linkRequest(RT_LINK.getlink, { mtu: 5 }, {}, NLM_F_DUMP))
    const [done] = messagesOf(drain(socket))
    expect(done.header).toMatchObject({ type: NLMSG_DONE, flags: NLM_F_MULTI, length: 20 })
    expect(decodeDone(done).errno).toBe(errno.EINVAL)
  })

  it('points into its own request, wherever that stood in the datagram', () => {
    const bench = new Bench()
    const socket = bench.route(bench.ns, { strict: true })
    const lo = linkRequest(RT_LINK.getlink, {}, { ifindex: 1 }, 0)
    const attrs = { targetNetnsid: 1, rest: [{ type: 99, payload: new Uint8Array(0) }] }
    const bad = linkRequest(RT_LINK.getlink, attrs, {}, NLM_F_DUMP)
    socket.send(new Uint8Array([...lo, ...bad]))
    const done = messagesOf(drain(socket)).at(-1)!
    expect(decodeDone(done)).toEqual({ errno: errno.EINVAL, extack: { msg: 'Unknown attribute type', offset: 40 } })
  })
})
