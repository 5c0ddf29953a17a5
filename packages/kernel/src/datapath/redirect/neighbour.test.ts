import { errno } from '@netkit/netlink'
import { describe, expect, test } from 'vitest'
import type { Device } from '../../net/device.ts'
import { setFrameHeaders } from '../../net/ethernet.ts'
import { NUD_PERMANENT, UPDATE_ADMIN } from '../../net/neighbour-states.ts'
import { REDIRECT_NEIGHBOUR, REDIRECT_NEXT_HOP } from '../../net/redirect.ts'
import { COPY } from '../../packet/copy-reason.ts'
import { mapped, Network } from '../../testing/network.ts'

const GATEWAY = Uint8Array.of(2, 0, 0, 0, 0, 9)

/** A host whose device `out` leads to 10.0.2.0/24 and a gateway there, and a packet for 192.168.1.1 that a program saw at `in`. */
function host(destination = '192.168.1.1') {
  const net = new Network()
  const { ns } = net.namespace()
  const { ns: there } = net.namespace()
  const [into] = net.pair(ns, there, { nameA: 'in', nameB: 'a', kind: 'netkit-l2' })
  const [out, far] = net.pair(ns, there, { nameA: 'out', nameB: 'b', kind: 'netkit-l2' })
  net.address(out, '10.0.2.254/24')
  net.way(ns, '192.168.0.0/16', { via: '10.0.2.9' })
  const { stack } = net.kernel.stack
  stack.neighbours4.update(stack.neighbours4.get(out, mapped('10.0.2.9'))!, GATEWAY, NUD_PERMANENT, UPDATE_ADMIN)
  const frame = new Uint8Array(60)
  frame.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 46, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1])
  frame.set(destination.split('.').map(Number), 30)
  return { net, into, out, far, frame }
}

function follow(on: ReturnType<typeof host>, flags: number, nextHop: readonly number[] = []): number {
  const { path } = on.net.kernel
  const handle = path.packets.allocFromArray(on.frame, COPY.userIn)
  setFrameHeaders(path.packets, handle)
  path.redirects.target = on.out.ifindex
  path.redirects.flags = flags
  path.redirects.nextHop.fill(0)
  path.redirects.nextHop.set(nextHop)
  return path.redirects.follow(on.into, handle)
}

const arrived = (dev: Device): number => dev.counters.rxPackets

describe('redirect_neigh', () => {
  test('sends by the route, to the address of its gateway', () => {
    const on = host()
    const before = arrived(on.far)
    expect(follow(on, REDIRECT_NEIGHBOUR)).toBe(0)
    expect(arrived(on.far)).toBe(before + 1)
    expect(on.net.kernel.path.packets.table.inUse).toBe(0)
  })

  test('sends to the next hop that is given', () => {
    const on = host('8.8.8.8')
    const before = arrived(on.far)
    expect(follow(on, REDIRECT_NEIGHBOUR | REDIRECT_NEXT_HOP, [2, 0, 0, 0, 10, 0, 2, 9])).toBe(0)
    expect(arrived(on.far)).toBe(before + 1)
  })

  test('takes the destination for a neighbour where no route leads out, and asks for it', () => {
    const on = host('8.8.8.8')
    const before = arrived(on.far)
    expect(follow(on, REDIRECT_NEIGHBOUR)).toBe(0)
    // The question arrives; the packet waits for the answer.
    expect(arrived(on.far)).toBe(before + 1)
    expect(on.net.kernel.path.packets.table.inUse).toBe(1)
  })

  test.each([
    ['a frame to a group', (frame: Uint8Array) => frame.with(0, 1)],
    ['another protocol', (frame: Uint8Array) => frame.with(13, 6)],
  ])('refuses %s', (_, change) => {
    const on = host()
    expect(follow({ ...on, frame: change(on.frame) }, REDIRECT_NEIGHBOUR)).toBe(-errno.ENOTSUPP)
  })

  test('refuses a next hop of the other family', () => {
    const on = host()
    expect(follow(on, REDIRECT_NEIGHBOUR | REDIRECT_NEXT_HOP, [7])).toBe(-errno.ENOTSUPP)
  })
})
