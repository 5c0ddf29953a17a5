import { errno } from '@netkit/netlink'
import { describe, expect, it } from 'vitest'
import type { Device } from '../../net/device.ts'
import {
  NTF_ROUTER,
  NUD_FAILED,
  NUD_INCOMPLETE,
  NUD_PROBE,
  NUD_REACHABLE,
  UPDATE_ADMIN,
} from '../../net/neighbour-states.ts'
import { writeSysctl } from '../../net/sysctl.ts'
import { mapped, Network } from '../../testing/network.ts'
import type { SimulatedWorld } from '../../world.ts'

/** a (10.0.0.1, fd00::1) is joined to a router (.2, ::2) that reaches 10.9.0.0/24 and fd00:9::/64 by another device. */
function two() {
  const net = new Network()
  const { ns: a } = net.namespace()
  const { ns: router } = net.namespace()
  const [here, there] = net.pair(a, router, { kind: 'veth' })
  const [away] = net.pair(router, net.namespace().ns, { kind: 'veth', nameA: 'away' })
  net.address(here, '10.0.0.1/24')
  net.address(there, '10.0.0.2/24')
  net.address(here, 'fd00::1/64')
  net.address(there, 'fd00::2/64')
  net.way(router, '10.9.0.0/24', { dev: away })
  net.way(router, 'fd00:9::/64', { dev: away })
  net.way(a, '10.9.0.0/24', { dev: here })
  net.way(a, 'fd00:9::/64', { dev: here })
  const set = (name: string, value: number) => expect(writeSysctl(net.kernel, router, name, String(value))).toBe(0)
  const pass = (ms: number) => (net.kernel.world as SimulatedWorld).advance(BigInt(ms) * 1_000_000n)
  // Link-local addresses are used when nobody else was found to have them.
  pass(3000)
  const tableOf = (to: string) =>
    to.includes(':') ? net.kernel.stack.stack.neighbours6 : net.kernel.stack.stack.neighbours4
  /** A neighbour of `here` that is asked for from now on. */
  const ask = (to: string) => {
    const n = tableOf(to).get(here, mapped(to))!
    tableOf(to).resolve(n)
    return n
  }
  const proxy = (to: string, dev: Device | undefined) => tableOf(to).proxies.get(router, dev, mapped(to))
  return { net, router, here, there, away, set, pass, tableOf, ask, proxy }
}

type Two = ReturnType<typeof two>

/** As CNI plugins set up the host's end: answers are given at once. */
function forward({ set }: Two): void {
  set('net.ipv4.ip_forward', 1)
  set('net.ipv6.conf.all.forwarding', 1)
  set('net.ipv4.neigh.eth0.proxy_delay', 0)
  set('net.ipv6.neigh.eth0.proxy_delay', 0)
}

const V4 = '10.9.0.5'
const V6 = 'fd00:9::5'

describe('ARP', () => {
  const answered = (on: Two, to = V4) => on.ask(to).state === NUD_REACHABLE

  it('a proxy of the device, or of all, is answered for where the device forwards', () => {
    const on = two()
    on.proxy(V4, on.there)
    expect(answered(on)).toBe(false)
    forward(on)
    on.pass(1000)
    const n = on.ask(V4)
    expect(n.state).toBe(NUD_REACHABLE)
    expect(n.address).toEqual(on.there.address)
    expect(answered(on, '10.9.0.6')).toBe(false)
    on.proxy('10.9.0.7', undefined)
    expect(answered(on, '10.9.0.7')).toBe(true)
    on.proxy('10.9.0.8', on.away)
    expect(answered(on, '10.9.0.8')).toBe(false)
  })

  it('not for what is on the same link, or cannot be reached at all', () => {
    const on = two()
    forward(on)
    for (const to of ['10.0.0.77', '55.0.0.1']) {
      on.proxy(to, on.there)
      expect(answered(on, to)).toBe(false)
    }
  })

  it.each(['eth0', 'all'])('proxy_arp of %s: for everything that is elsewhere', (name) => {
    const on = two()
    forward(on)
    on.set(`net.ipv4.conf.${name}.proxy_arp`, 1)
    expect(answered(on)).toBe(true)
    expect(answered(on, '10.0.0.77')).toBe(false)
  })

  it.each(['eth0', 'all'])('proxy_arp_pvlan of %s: for everything that is on the link', (name) => {
    const on = two()
    forward(on)
    on.set(`net.ipv4.conf.${name}.proxy_arp_pvlan`, 1)
    expect(answered(on, '10.0.0.77')).toBe(true)
    expect(answered(on)).toBe(false)
  })
})

describe('NDP', () => {
  const answered = (on: Two, to = V6) => on.ask(to).state === NUD_REACHABLE

  it.each(['eth0', 'all'])(
    'a proxy of the device is answered for where proxy_ndp of %s is on and packets are forwarded',
    (name) => {
      const on = two()
      on.proxy(V6, on.there).flags = NTF_ROUTER
      on.set(`net.ipv6.conf.${name}.proxy_ndp`, 1)
      expect(answered(on)).toBe(false)
      forward(on)
      on.pass(1000)
      const n = on.ask(V6)
      expect(n.state).toBe(NUD_REACHABLE)
      expect(n.address).toEqual(on.there.address)
      expect(n.flags & NTF_ROUTER).toBe(NTF_ROUTER)
      expect(answered(on, 'fd00:9::6')).toBe(false)
    },
  )

  it('not without proxy_ndp; the way does not matter', () => {
    const on = two()
    forward(on)
    on.proxy('fd00::77', on.there)
    expect(answered(on, 'fd00::77')).toBe(false)
    on.set('net.ipv6.conf.eth0.proxy_ndp', 1)
    on.pass(1000)
    expect(answered(on, 'fd00::77')).toBe(true)
  })

  it.each([
    ['eth0', NUD_FAILED],
    ['all', NUD_REACHABLE],
  ])('who asks the proxy itself whether it is still there needs proxy_ndp of all: %s', (name, state) => {
    const on = two()
    forward(on)
    on.proxy(V6, on.there)
    on.set(`net.ipv6.conf.${name}.proxy_ndp`, 1)
    const n = on.ask(V6)
    expect(n.state).toBe(NUD_REACHABLE)
    on.tableOf(V6).update(n, n.address, NUD_PROBE, UPDATE_ADMIN)
    on.pass(5000)
    expect(n.state).toBe(state)
  })
})

describe.each([V4, V6])('answers for %s wait', (to) => {
  function slow(): Two {
    const on = two()
    forward(on)
    on.set('net.ipv4.neigh.eth0.proxy_delay', 80)
    on.set('net.ipv6.neigh.eth0.proxy_delay', 80)
    on.set('net.ipv6.conf.eth0.proxy_ndp', 1)
    on.proxy(to, on.there)
    return on
  }

  it('for 0.8 s at most', () => {
    const on = slow()
    const n = on.ask(to)
    expect(n.state).toBe(NUD_INCOMPLETE)
    on.pass(800)
    expect(n.state).toBe(NUD_REACHABLE)
    expect(on.net.inUse).toBe(0)
  })

  it('and are not given once the proxy has gone', () => {
    const on = slow()
    const n = on.ask(to)
    on.tableOf(to).proxies.remove(on.router, on.there, mapped(to))
    on.pass(800)
    expect(n.state).toBe(NUD_INCOMPLETE)
  })
})

it('settings that are out of range, or of devices without the family, are refused', () => {
  const { net, router } = two()
  expect(writeSysctl(net.kernel, router, 'net.ipv4.neigh.eth0.proxy_delay', '-1')).toBe(-errno.EINVAL)
  expect(writeSysctl(net.kernel, router, 'net.ipv4.conf.eth9.proxy_arp', '1')).toBe(-errno.ENOENT)
})
