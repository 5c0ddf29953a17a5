import {
  decodeAck,
  errno,
  type Message,
  NLM_F_ACK,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  RT_LINK,
  RTM_NEWLINK,
  toHex,
  Writer,
} from '@netkit/netlink'
import { datagram } from '@netkit/netlink/testing'
import { describe, expect, it } from 'vitest'
import { ALL_CAPABILITIES, CAP_NET_ADMIN, NO_CAPABILITIES, without } from '../access/capability.ts'
import { Bench, drain, linkRequest, links, messagesOf, must } from '../testing/bench.ts'
import type { NetlinkSocket } from './socket.ts'

/** A message of whatever type, with flags and payload. */
function raw(type: number, flags: number, payload = new Uint8Array(0), seq = 77, length?: number): Uint8Array {
  const w = new Writer()
  w.u32(length ?? 16 + payload.length)
    .u16(type)
    .u16(flags)
    .u32(seq)
    .u32(0)
  return w.raw(payload).take()
}

const getLo = (flags = NLM_F_ACK) => linkRequest(RT_LINK.getlink, {}, { ifindex: 1 }, flags)
const seqOf = (request: Uint8Array) => new DataView(request.buffer, request.byteOffset).getUint32(8, true)

function send(socket: NetlinkSocket, ...messages: readonly Uint8Array[]): Message[] {
  expect(socket.send(datagram(...messages))).toBe(0)
  return messagesOf(drain(socket))
}
const typesOf = (messages: readonly Message[]) => messages.map((m) => m.header.type)

describe('the requests of a datagram', () => {
  it('are carried out in order, replies before acknowledgements', () => {
    const socket = new Bench().route()
    const requests = [getLo(), getLo(0), getLo()]
    const answers = send(socket, ...requests)
    expect(answers.map((m) => [m.header.type, m.header.seq])).toEqual([
      [RTM_NEWLINK, seqOf(requests[0])],
      [NLMSG_ERROR, seqOf(requests[0])],
      [RTM_NEWLINK, seqOf(requests[1])],
      [RTM_NEWLINK, seqOf(requests[2])],
      [NLMSG_ERROR, seqOf(requests[2])],
    ])
  })

  it('go on after one that was refused', () => {
    const socket = new Bench().route()
    const answers = send(socket, linkRequest(RT_LINK.getlink, {}, { ifindex: 9 }, 0), getLo(0))
    expect(typesOf(answers)).toEqual([NLMSG_ERROR, RTM_NEWLINK])
    expect(decodeAck(answers[0]).errno).toBe(errno.ENODEV)
  })

  it.each([
    { what: 'a length below 16', tail: raw(18, 5, new Uint8Array(16), 1, 15) },
    { what: 'a length of 0', tail: raw(18, 5, new Uint8Array(16), 1, 0) },
    { what: 'a length beyond the end', tail: raw(18, 5, new Uint8Array(16), 1, 200) },
    { what: 'a length near 2^32', tail: raw(18, 5, new Uint8Array(16), 1, 0xffff_ffff) },
    { what: 'less than a header', tail: new Uint8Array(12) },
  ])('end silently with $what', ({ tail }) => {
    const socket = new Bench().route()
    expect(typesOf(send(socket, getLo(0), tail, getLo(0)))).toEqual([RTM_NEWLINK])
    expect(send(socket, tail)).toEqual([])
  })

  it('need no padding behind the last one', () => {
    const socket = new Bench().route()
    const odd = raw(18, NLM_F_REQUEST | NLM_F_ACK, new Uint8Array(17))
    expect(typesOf(send(socket, odd))).toEqual([NLMSG_ERROR])
  })

  it('that are none are passed over, and acknowledged where that is wanted', () => {
    const socket = new Bench().route()
    const silent = [
      raw(18, 0, new Uint8Array(16)),
      raw(1, NLM_F_REQUEST),
      raw(3, NLM_F_REQUEST),
      raw(15, NLM_F_REQUEST),
    ]
    expect(send(socket, ...silent)).toEqual([])
    const loud = [raw(18, NLM_F_ACK, new Uint8Array(16)), raw(2, NLM_F_REQUEST | NLM_F_ACK, new Uint8Array(20))]
    expect(send(socket, ...loud).map((m) => decodeAck(m).errno)).toEqual([0, 0])
    // Of NEWLINK without REQUEST nothing comes.
    expect(send(socket, linkRequest(RT_LINK.setlink, { mtu: 1234 }, { ifindex: 1 }, 0).with(6, 0))).toEqual([])
    expect(links(socket)[0].mtu).toBe(65536)
  })

  it('without a payload do nothing and are acknowledged', () => {
    const socket = new Bench().route()
    for (const type of [16, 17, 18, 20, 123]) {
      expect(decodeAck(send(socket, raw(type, NLM_F_REQUEST | NLM_F_ACK))[0]).errno).toBe(0)
    }
    expect(decodeAck(send(socket, raw(124, NLM_F_REQUEST))[0]).errno).toBe(errno.EOPNOTSUPP)
  })

  it('are not touched by what the sender does with its memory afterwards', () => {
    const bench = new Bench()
    const socket = bench.route()
    for (let n = 0; n < 80; n++) must(socket, linkRequest(RT_LINK.newlink, { linkinfo: { kind: 'dummy' } }, {}, 0x604))
    const request = linkRequest(RT_LINK.getlink, {}, {}, NLM_F_DUMP)
    const seq = seqOf(request)
    socket.send(request)
    request.fill(0xff)
    const answers = messagesOf(drain(socket))
    expect(new Set(answers.map((m) => m.header.seq))).toEqual(new Set([seq]))
    expect(typesOf(answers)).toEqual([...new Array(81).fill(RTM_NEWLINK), NLMSG_DONE])
  })
})

describe('an answer', () => {
  const wrong = linkRequest(RT_LINK.getlink, {}, { ifindex: 9 }, 0)

  it('is capped, or has the whole request, as the socket wants it', () => {
    const bench = new Bench()
    const [whole] = send(bench.route(), wrong)
    expect(whole.header.flags).toBe(0)
    expect(toHex(whole.data.bytes.subarray(whole.start + 20, whole.end))).toBe(toHex(wrong))
    const [capped] = send(bench.route(bench.ns, { capAck: true }), wrong)
    expect(capped.header).toMatchObject({ flags: NLM_F_CAPPED, length: 36 })
  })

  it('has the kernel’s words only for a socket that wants them', () => {
    const bench = new Bench()
    must(bench.route(), linkRequest(RT_LINK.newlink, { ifname: 'd', linkinfo: { kind: 'netkit' } }, {}, 0x604))
    const tooSmall = linkRequest(RT_LINK.setlink, { ifname: 'd', mtu: 1 }, {}, 0)
    const [told] = send(bench.route(), tooSmall)
    expect(decodeAck(told)).toMatchObject({ errno: errno.EINVAL, extack: { msg: 'mtu less than device minimum' } })
    expect(told.header.flags).toBe(NLM_F_ACK_TLVS)
    const [silent] = send(bench.route(bench.ns, { extAck: false }), tooSmall)
    expect(silent.header.flags).toBe(0)
    expect(decodeAck(silent)).toMatchObject({ errno: errno.EINVAL, extack: {} })
  })

  it('points into its own request, wherever that stood in the datagram', () => {
    const socket = new Bench().route()
    const bad = linkRequest(
      RT_LINK.newlinkprop,
      { rest: [{ type: 999, payload: new Uint8Array(4) }] },
      { ifindex: 1 },
      0,
    )
    const answers = send(socket, getLo(0), bad, getLo(0))
    expect(decodeAck(answers[1])).toMatchObject({
      errno: errno.EINVAL,
      extack: { msg: 'Unknown attribute type', offset: 32 },
    })
  })

  it('carries port id and sequence number of its request', () => {
    const socket = new Bench().route()
    const [m] = send(socket, raw(18, NLM_F_REQUEST | NLM_F_ACK, new Uint8Array(0), 0xffff_fffe))
    expect(m.header).toMatchObject({ seq: 0xffff_fffe, portId: socket.portId })
  })
})

describe('privilege', () => {
  const rename = () => linkRequest(RT_LINK.setlink, { mtu: 1000 }, { ifindex: 1 }, 0)
  const weak = (bench: Bench) => ({ ...bench.kernel.root, capabilities: without(ALL_CAPABILITIES, CAP_NET_ADMIN) })

  it('is needed to change, not to look', () => {
    const bench = new Bench()
    const process = bench.kernel.createProcess({
      credentials: { uid: 65534, userNs: bench.kernel.initialUserNs, capabilities: NO_CAPABILITIES },
    })
    const socket = bench.route(bench.ns, { process })
    expect(typesOf(send(socket, getLo(0)))).toEqual([RTM_NEWLINK])
    for (const type of [16, 17, 19, 20, 21, 88, 108, 109]) {
      const [m] = send(socket, raw(type, NLM_F_REQUEST, new Uint8Array(16)))
      expect([type, decodeAck(m).errno, decodeAck(m).extack]).toEqual([type, errno.EPERM, {}])
    }
  })

  it('must be the sender’s and the opener’s', () => {
    const bench = new Bench()
    const errnoFor = (socket: NetlinkSocket, sender = bench.kernel.root) => {
      socket.send(rename(), sender)
      const [m] = messagesOf(drain(socket))
      return m ? decodeAck(m).errno : 0
    }
    expect(errnoFor(bench.route())).toBe(0)
    expect(errnoFor(bench.route(), weak(bench))).toBe(errno.EPERM)
    expect(errnoFor(bench.route(bench.ns, { opener: weak(bench) }))).toBe(errno.EPERM)
  })

  it('over a child user namespace’s namespaces is with its root, and with those above', () => {
    const bench = new Bench()
    const child = { parent: bench.kernel.initialUserNs, ownerUid: 1000 }
    const ns = bench.kernel.createNamespace(child)
    const as = (credentials: Parameters<typeof bench.kernel.createProcess>[0]) =>
      bench.kernel.createProcess({ ...credentials, ns })
    const errnoOf = (process: ReturnType<typeof as>) => {
      const [m] = send(bench.route(ns, { process }), rename())
      return m ? decodeAck(m).errno : 0
    }
    const inChild = as({ credentials: { uid: 0, userNs: child, capabilities: ALL_CAPABILITIES } })
    const maker = as({ credentials: { uid: 1000, userNs: bench.kernel.initialUserNs, capabilities: NO_CAPABILITIES } })
    const stranger = as({
      credentials: { uid: 1001, userNs: bench.kernel.initialUserNs, capabilities: NO_CAPABILITIES },
    })
    expect([errnoOf(inChild), errnoOf(maker), errnoOf(stranger), errnoOf(as({}))]).toEqual([0, 0, errno.EPERM, 0])
    // Outside, the child's root is nobody.
    const [m] = send(bench.route(bench.ns, { process: inChild }), rename())
    expect(decodeAck(m).errno).toBe(errno.EPERM)
  })
})
