import { errno, NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST, NSID, type NsidAttrs, RT_NSID } from '@netkit/netlink'
import { routeMessage } from '@netkit/netlink/testing'
import { describe, expect, it } from 'vitest'
import type { NetlinkSocket } from '../netlink/socket.ts'
import { ask, attrsOf, Bench, must } from '../testing/bench.ts'

const give = (attrs: NsidAttrs) => routeMessage(RT_NSID.newnsid, {}, attrs, { flags: NLM_F_REQUEST | NLM_F_ACK })
const look = (attrs: NsidAttrs) => routeMessage(RT_NSID.getnsid, {}, attrs, { flags: NLM_F_REQUEST | NLM_F_ACK })
const idOf = (socket: NetlinkSocket, attrs: NsidAttrs) => attrsOf(must(socket, look(attrs)).replies[0], NSID, 20)
const all = (socket: NetlinkSocket) =>
  must(socket, routeMessage(RT_NSID.getnsid, {}, {}, { flags: NLM_F_REQUEST | NLM_F_DUMP })).replies.map((m) =>
    attrsOf(m, NSID, 20),
  )

function places() {
  const bench = new Bench()
  return { bench, socket: bench.route(), fds: [1, 2, 3].map(() => bench.namespace()) }
}

describe('ids of namespaces', () => {
  it('are given, the lowest free one if none is wished for, and listed in order', () => {
    const { socket, fds } = places()
    must(socket, give({ nsid: 7, fd: fds[0].fd }))
    must(socket, give({ nsid: -1, fd: fds[1].fd }))
    must(socket, give({ nsid: -5, fd: fds[2].fd }))
    expect(all(socket)).toEqual([{ nsid: 0 }, { nsid: 1 }, { nsid: 7 }])
    expect(fds.map(({ fd }) => idOf(socket, { fd }).nsid)).toEqual([7, 0, 1])
  })

  it('are each namespace’s own', () => {
    const { bench, socket, fds } = places()
    must(socket, give({ nsid: 3, fd: fds[0].fd }))
    const inside = bench.route(fds[1].ns)
    expect(all(inside)).toEqual([])
    must(inside, give({ nsid: 3, fd: fds[2].fd }))
    expect([idOf(socket, { fd: fds[0].fd }).nsid, idOf(inside, { fd: fds[0].fd }).nsid]).toEqual([3, -1])
  })

  it('are one for each namespace, and one namespace for each', () => {
    const { socket, fds } = places()
    must(socket, give({ nsid: 3, fd: fds[0].fd }))
    expect(ask(socket, give({ nsid: 4, fd: fds[0].fd })).ack).toMatchObject({
      errno: errno.EEXIST,
      extack: { msg: 'Peer netns already has a nsid assigned', offset: 28 },
    })
    expect(ask(socket, give({ nsid: 3, fd: fds[1].fd })).ack).toMatchObject({
      errno: errno.EEXIST,
      extack: { msg: 'The specified nsid is already used', offset: 20 },
    })
  })

  it('are not made by asking for them', () => {
    const { socket, fds } = places()
    expect(idOf(socket, { fd: fds[0].fd })).toEqual({ nsid: -1 })
    expect(all(socket)).toEqual([])
  })

  it('can be asked for as another namespace knows them', () => {
    const { bench, socket, fds } = places()
    must(socket, give({ nsid: 0, fd: fds[0].fd }))
    must(bench.route(fds[0].ns), give({ nsid: 9, fd: fds[1].fd }))
    expect(idOf(socket, { fd: fds[1].fd, targetNsid: 0 })).toEqual({ nsid: 9, currentNsid: -1 })
  })

  it.each([
    { what: 'a process that is not there', attrs: { pid: 39_999 }, code: 'ESRCH' },
    { what: 'a descriptor that is not open', attrs: { fd: 92 }, code: 'EBADF' },
  ] as const)('cannot be given to $what', ({ attrs, code }) => {
    const { socket } = places()
    for (const request of [give({ nsid: 1, ...attrs }), look(attrs)]) {
      expect(ask(socket, request).ack).toMatchObject({
        errno: errno[code],
        extack: { msg: 'Peer netns reference is invalid' },
      })
    }
  })

  it('need a namespace, and to be given a number', () => {
    const { socket, fds } = places()
    const says = (request: Uint8Array) => ask(socket, request).ack?.extack.msg
    expect(says(give({ fd: fds[0].fd }))).toBe('nsid is missing')
    expect(says(give({ nsid: 1 }))).toBe('Peer netns reference is missing')
    expect(says(look({}))).toBe('Peer netns reference is missing')
    expect(ask(socket, look({ nsid: 5 })).ack?.errno).toBe(errno.ENOENT)
  })

  it('cannot be taken back by request', () => {
    const { socket, fds } = places()
    must(socket, give({ nsid: 1, fd: fds[0].fd }))
    const request = routeMessage(RT_NSID.delnsid, {}, { nsid: 1 }, { flags: NLM_F_REQUEST | NLM_F_ACK })
    expect(ask(socket, request).ack?.errno).toBe(errno.EOPNOTSUPP)
  })
})
