import { errno } from '@netkit/netlink'
import { describe, expect, it } from 'vitest'
import { setForwarding } from '../../net/device-sysctl.ts'
import { mapped } from '../../testing/network.ts'
import { Direction, TcpLab } from '../../testing/tcp-lab.ts'
import * as calls from './calls.ts'
import * as n from './numbers.ts'
import type { TcpSocket } from './socket.ts'

const SECOND = 1000
const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(7)

function write(lab: TcpLab, socket: TcpSocket, length: number): number {
  const done = calls.write(lab.tcp, socket, bytes(length), 0)
  lab.flush()
  return done
}

/** The cable is cut: nothing arrives any more. */
const cut = (lab: TcpLab): void => lab.impair({ loss: 1 })

describe('connecting', () => {
  it('is refused where nobody listens, at once', () => {
    const lab = new TcpLab()
    lab.advance(100)
    const socket = lab.connect(9)
    lab.advance(100)
    expect([socket.state, socket.error]).toEqual([n.CLOSED, errno.ECONNREFUSED])
    expect(lab.inUse).toBe(0)
  })

  it('ends with EHOSTUNREACH where no neighbour answers', () => {
    const lab = new TcpLab()
    const { loopback } = lab.a
    if (loopback) lab.up(loopback)
    const socket = lab.connect(9, { to: '10.0.0.77' })
    lab.advance(10 * SECOND)
    expect([socket.state, socket.error]).toEqual([n.CLOSED, errno.EHOSTUNREACH])
  })

  it('gives up after 127 seconds where nothing comes back', () => {
    const lab = new TcpLab()
    const first = lab.pairOf()
    cut(lab)
    const socket = lab.connect(7)
    lab.advance(126 * SECOND)
    expect(socket.state).toBe(n.SYN_SENT)
    lab.advance(2 * SECOND)
    expect([socket.state, socket.error]).toEqual([n.CLOSED, errno.ETIMEDOUT])
    lab.close(first.client, first.server, first.listener)
  })

  it('works from both sides at once', () => {
    const lab = new TcpLab()
    lab.impair({ delay: 10 })
    lab.advance(100)
    const one = lab.tcp.make(lab.a, false, 0)
    const other = lab.tcp.make(lab.b, false, 0)
    lab.tcp.table.bind(one, 1000)
    lab.tcp.table.bind(other, 2000)
    for (const [socket, to, port] of [
      [one, '10.0.0.2', 2000],
      [other, '10.0.0.1', 1000],
    ] as const) {
      socket.remote.set(mapped(to))
      socket.remotePort = port
      expect(calls.connect(lab.tcp, socket)).toBe(0)
    }
    lab.flush()
    lab.advance(200)
    expect([one.state, other.state]).toEqual([n.ESTABLISHED, n.ESTABLISHED])
    lab.exchange(one, other, new Direction(50_000, 1), new Direction(40_000, 2))
    lab.advance(100)
    expect([one.state, other.state]).toEqual([n.TIME_WAIT, n.TIME_WAIT])
  })

  it('waits where the backlog is full, and goes on when there is room', () => {
    const lab = new TcpLab()
    const listener = lab.listen(7, { backlog: 0 })
    const first = lab.connect(7)
    lab.advance(100)
    const second = lab.connect(7)
    lab.advance(100)
    expect([first.state, second.state]).toEqual([n.ESTABLISHED, n.SYN_SENT])
    expect(listener.accepted.length).toBe(1)
    listener.accepted.shift()
    lab.advance(2 * SECOND)
    expect([second.state, listener.accepted.length]).toEqual([n.ESTABLISHED, 1])
  })
})

describe('ending', () => {
  it('goes through the states of RFC 9293', () => {
    const lab = new TcpLab()
    const { client, server } = lab.pairOf()
    calls.shutdown(lab.tcp, client, false, true)
    lab.flush()
    lab.advance(50)
    expect([client.state, server.state]).toEqual([n.FIN_WAIT_2, n.CLOSE_WAIT])
    expect(write(lab, server, 1000)).toBe(1000)
    lab.advance(50)
    expect(client.receiveQueue.bytes).toBe(1000)
    calls.shutdown(lab.tcp, server, false, true)
    lab.flush()
    lab.advance(50)
    expect([client.state, server.state]).toEqual([n.TIME_WAIT, n.CLOSED])
    expect(write(lab, client, 1)).toBe(-errno.EPIPE)
    lab.advance(61 * SECOND)
    lab.tcp.reap()
    expect(client.state).toBe(n.CLOSED)
  })

  it('is a reset where something was not read, or where nobody lingers', () => {
    const lab = new TcpLab()
    const one = lab.pairOf(7)
    write(lab, one.client, 10)
    lab.advance(50)
    lab.close(one.server)
    lab.advance(50)
    expect(one.client.error).toBe(errno.ECONNRESET)
    const two = lab.pairOf(8)
    two.client.linger = 0
    lab.close(two.client)
    lab.advance(50)
    expect(two.server.error).toBe(errno.ECONNRESET)
  })

  it('takes a port again while strays are waited for', () => {
    const lab = new TcpLab()
    const { client, server, listener } = lab.pairOf()
    lab.exchange(client, server, new Direction(10, 1), new Direction(10, 2))
    const again = lab.tcp.make(lab.a, false, 0)
    again.reuseAddress = true
    client.reuseAddress = true
    expect(lab.tcp.table.bind(again, client.port)).toBe(0)
    lab.close(client, server, listener)
  })
})

describe('a peer that is silent', () => {
  it('is given up after repetitions, later than 15 minutes', () => {
    const lab = new TcpLab()
    const { client } = lab.pairOf()
    cut(lab)
    write(lab, client, 5000)
    lab.advance(900 * SECOND)
    expect(client.state).toBe(n.ESTABLISHED)
    lab.advance(200 * SECOND)
    expect([client.state, client.error]).toEqual([n.CLOSED, errno.ETIMEDOUT])
  })

  it('is noticed by keepalives', () => {
    const lab = new TcpLab()
    const { client, server } = lab.pairOf()
    client.keepAlive = true
    client.keepIdle = 10
    client.keepInterval = 2
    client.keepCount = 3
    client.timers.set(5, 10 * SECOND)
    lab.advance(60 * SECOND)
    expect([client.state, server.state]).toEqual([n.ESTABLISHED, n.ESTABLISHED])
    cut(lab)
    lab.advance(30 * SECOND)
    expect([client.state, client.error]).toEqual([n.CLOSED, errno.ETIMEDOUT])
  })

  it('is asked whether its window has opened, and a lost update does no harm', () => {
    const lab = new TcpLab()
    const { client, server } = lab.pairOf()
    while (write(lab, client, 50_000) > 0) lab.advance(5)
    lab.advance(SECOND)
    expect(client.flight.count).toBe(0)
    const told = server.receiveQueue.bytes
    lab.advance(120 * SECOND)
    expect(client.state).toBe(n.ESTABLISHED)
    expect(server.receiveQueue.bytes).toBe(told)
    cut(lab)
    server.receiveQueue.consume(told)
    calls.consumed(lab.tcp, server, told)
    lab.flush()
    lab.advance(SECOND)
    lab.impair({ loss: 0 })
    lab.advance(130 * SECOND)
    expect(server.receiveQueue.bytes).toBeGreaterThan(50_000)
  })
})

describe('what a path tells', () => {
  it('shortens segments where a router has a smaller MTU', () => {
    const lab = new TcpLab(1, { mtu: 1500 })
    const router = lab.namespace().ns
    const far = lab.namespace().ns
    const [left, right] = lab.pair(lab.a, router, { nameA: 'nk0', nameB: 'nk0' })
    const [nearer, end] = lab.pair(router, far, { nameA: 'nk1', nameB: 'nk0', mtu: 1300 })
    lab.address(left, '10.1.0.1/24')
    lab.address(right, '10.1.0.2/24')
    lab.address(nearer, '10.2.0.1/24')
    lab.address(end, '10.2.0.2/24')
    for (const dev of [right, nearer]) setForwarding(lab.kernel, dev, 1)
    lab.way(lab.a, '10.2.0.0/24', { via: '10.1.0.2' })
    lab.way(far, '10.1.0.0/24', { via: '10.2.0.1' })
    const listener = lab.tcp.make(far, false, 0)
    lab.tcp.table.bind(listener, 7)
    calls.listen(lab.tcp, listener, 8)
    const client = lab.connect(7, { to: '10.2.0.2' })
    lab.advance(10)
    const server = listener.accepted.shift() as TcpSocket
    server.parent = undefined
    // Whoever has the small MTU has told of it; as if a router further on had it.
    client.peerMss = 1460
    client.pathMtu = 0
    lab.exchange(client, server, new Direction(100_000, 1), new Direction(10, 2))
    expect(client.mss).toBe(1300 - 52)
  })
})

describe('small pieces', () => {
  const read = (lab: TcpLab, socket: TcpSocket): number => {
    const length = socket.receiveQueue.read(65_536)?.length ?? 0
    calls.consumed(lab.tcp, socket, length)
    lab.flush()
    return length
  }

  it('that are held back until an ACK comes leave as soon as their reader has caught up', () => {
    const lab = new TcpLab()
    const { client, server } = lab.pairOf()
    // Those at the beginning are acknowledged at once anyway.
    for (let count = 0; count < 40; count++) {
      write(lab, client, 10)
      write(lab, client, 10)
      expect([read(lab, server), read(lab, server)]).toEqual(count < 8 ? [20, 0] : [10, 10])
    }
  })
})
