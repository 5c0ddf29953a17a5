import { errno, IFA_F_DADFAILED } from '@netkit/netlink'
import { describe, expect, it } from 'vitest'
import { FORWARDING } from '../net/forwarding.ts'
import type { NetNamespace } from '../net/namespace.ts'
import { mapped, Network } from '../testing/network.ts'
import type { SimulatedWorld } from '../world.ts'
import { sendFrom } from './transport/send.ts'

/** A host behind a router behind another host: 10.0.1.1 – 10.0.1.254 | 10.0.2.254 – 10.0.2.2, and the same in fd00:1::/64. */
function three(mtu?: number) {
  const net = new Network()
  const { ns: a } = net.namespace()
  const { ns: router } = net.namespace()
  const { ns: b } = net.namespace()
  const [here, left] = net.pair(a, router, { nameB: 'left' })
  const [right, there] = net.pair(router, b, { nameA: 'right', kind: 'netkit-l2', mtu })
  net.address(here, '10.0.1.1/24')
  net.address(left, '10.0.1.254/24')
  net.address(right, '10.0.2.254/24')
  net.address(there, '10.0.2.2/24')
  net.address(here, 'fd00:1::1/64')
  net.address(left, 'fd00:1::fe/64')
  net.address(right, 'fd00:2::fe/64')
  net.address(there, 'fd00:2::2/64')
  net.way(a, '0.0.0.0/0', { via: '10.0.1.254' })
  net.way(b, '0.0.0.0/0', { via: '10.0.2.254' })
  net.way(a, '::/0', { via: 'fd00:1::fe' })
  net.way(b, '::/0', { via: 'fd00:2::fe' })
  // Link-local addresses are used when nobody else was found to have them.
  pass(net, 3)
  return { net, a, router, b, left, right, stack: net.kernel.stack.stack, sockets: net.kernel.stack.sockets }
}

function pass(net: Network, seconds: number): void {
  const world = net.kernel.world as SimulatedWorld
  world.advance(BigInt(seconds) * 1_000_000_000n)
}

type Three = ReturnType<typeof three>

function forward(on: Three): void {
  for (const dev of [on.left, on.right]) dev.inet!.v4Settings = new Map([[FORWARDING, 1]])
  on.router.settings.forwardAll6 = 1
}

/** Sends from a socket that is told of every error. */
function talk(on: Three, ns: NetNamespace, to: string, port: number, bytes: number, ttl = -1) {
  const words = mapped(to)
  const socket = on.sockets.open(ns, to.includes(':'), false, 0)
  on.sockets.udp.bind(socket, 0)
  socket.receiveErrors = true
  socket.receiveErrors6 = true
  socket.ttl = ttl
  socket.hopLimit = ttl
  const sent = sendFrom(on.stack, socket, new Uint8Array(bytes), words, 0, port)
  on.stack.flush()
  return { socket, sent }
}

describe.each(['10.0.2.2', 'fd00:2::2'])('a router on the way to %s', (to) => {
  const listen = (on: Three) => {
    const server = on.sockets.open(on.b, to.includes(':'), false, 0)
    on.sockets.udp.bind(server, 7)
    return server
  }

  it('forwards where it is told to, and not else', () => {
    const on = three()
    const server = listen(on)
    talk(on, on.a, to, 7, 10)
    expect(server.waiting).toBe(0)
    forward(on)
    talk(on, on.a, to, 7, 10)
    expect(server.waiting).toBe(1)
    on.sockets.close(server)
    expect(on.net.inUse).toBe(0)
  })

  it('says that a packet has gone far enough', () => {
    const on = three()
    forward(on)
    const server = listen(on)
    const { socket } = talk(on, on.a, to, 7, 10, 1)
    expect(server.waiting).toBe(0)
    expect(socket.errors[0]).toMatchObject({ errno: errno.EHOSTUNREACH, type: to.includes(':') ? 3 : 11, code: 0 })
    expect([...socket.errors[0].offender]).toEqual([...mapped(to.includes(':') ? 'fd00:1::fe' : '10.0.1.254')])
    talk(on, on.a, to, 7, 10, 2)
    expect(server.waiting).toBe(1)
    on.sockets.close(server)
    expect(on.net.inUse).toBe(0)
  })

  it('says how long packets may be, and shorter ones come', () => {
    const on = three(1300)
    forward(on)
    const server = listen(on)
    const { socket } = talk(on, on.a, to, 7, 1400)
    expect(server.waiting).toBe(0)
    expect(socket.errors[0]).toMatchObject({ errno: errno.EMSGSIZE, info: 1300 })
    talk(on, on.a, to, 7, 1400)
    expect(server.waiting).toBe(1)
    on.sockets.close(server)
    expect(on.net.inUse).toBe(0)
  })

  it('says that nobody answers for an address', () => {
    const on = three()
    forward(on)
    const { socket } = talk(on, on.a, to.replace(/2$/, '9'), 7, 10)
    expect(on.net.inUse).toBeGreaterThan(0)
    pass(on.net, 10)
    expect(socket.errors[0]).toMatchObject({ errno: errno.EHOSTUNREACH, code: to.includes(':') ? 3 : 1 })
    expect(on.net.inUse).toBe(0)
  })
})

it('an address that somebody on the link has is not taken', () => {
  const net = new Network()
  const { ns: a } = net.namespace()
  const { ns: b } = net.namespace()
  const [here, there] = net.pair(a, b, { kind: 'netkit-l2' })
  net.address(here, 'fd00::1/64')
  net.address(there, 'fd00::1/64', { probe: true })
  pass(net, 4)
  const [address] = there.inet!.v6Addresses.filter(({ prefixLength, scope }) => prefixLength === 64 && scope === 0)
  expect(address.flags & IFA_F_DADFAILED).toBe(IFA_F_DADFAILED)
})
