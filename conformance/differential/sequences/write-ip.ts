import {
  LINK,
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV4_RULE,
  RTNLGRP_IPV6_IFADDR,
  RTNLGRP_IPV6_ROUTE,
  RTNLGRP_IPV6_RULE,
  RTNLGRP_NEIGH,
} from '@netkit/netlink'
import { Chance } from '../chance.ts'
import type { Requester, Scenario } from '../scenario.ts'
import { delLink, dumpLinks, fdOf, kind, modify, name, newLink, peerOf, type SendOptions, send } from '../steps.ts'
import { attr, type Bytes, mac, nest, u8, u32 } from '../wire.ts'
import * as ip from './ip.ts'
import * as neighbours from './neighbours.ts'
import { OWN_NUMBERS, Plan } from './plan.ts'
import { spoil } from './spoil.ts'
import type { RandomOptions } from './write.ts'

const L = LINK.ids
const OPERATIONS = 40
const FIRST_NUMBER = 50_000
const GROUPS = [
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV4_RULE,
  RTNLGRP_IPV6_IFADDR,
  RTNLGRP_IPV6_ROUTE,
  RTNLGRP_IPV6_RULE,
  RTNLGRP_NEIGH,
]

function socket({ c }: Plan, ns: string): SendOptions {
  return {
    ns,
    wait: 1,
    ...(c.oneIn(4) && { strict: 1 }),
    ...(c.oneIn(30) && { ext_ack: undefined }),
    ...(c.oneIn(60) && { as: c.pick<Requester>(['user', 'nocap']) }),
  }
}

/** Nothing that looks for its neighbours: that would take seconds. Addresses are given, as IPv6 makes its own from them. */
function devices(p: Plan, ns: string): void {
  const { c } = p
  const make: readonly (() => Bytes)[] = [
    () => newLink([...name('d0'), ...attr(L.address, mac(1)), ...kind('dummy')]),
    () => newLink([...name('d1'), ...attr(L.address, mac(2)), ...kind('dummy')]),
    () => newLink([...name('nk0'), ...peerOf('netkit', {}, name('nk1'))]),
    () => newLink([...name('nk2'), ...peerOf('netkit', {}, name('nk3'))]),
  ]
  for (const [i, one] of make.entries()) if (i === 0 || c.oneIn(2)) p.do(send(one(), { ns }))
  if (!c.oneIn(4)) p.do(send(modify([], { index: 1, flags: 1, change: 1 }), { ns, wait: 1 }))
  for (const { ifindex } of p.devices(ns)) {
    if (!c.oneIn(3)) p.do(send(modify([], { index: ifindex, flags: 1, change: 1 }), { ns, wait: 1 }))
  }
}

function link(p: Plan, ns: string): Bytes {
  const { c } = p
  const { ifindex } = p.device(ns)
  return c.weighted<() => Bytes>([
    [10, () => modify([], { index: ifindex, flags: c.below(3) === 0 ? 0 : 1, change: 1 })],
    [2, () => modify(attr(L.mtu, u32(c.pick([60, 68, 1000, 1279, 1280, 1500, 9000]))), { index: ifindex })],
    [2, () => modify(name(c.pick(['a', 'b', 'd0', 'longer0'])), { index: ifindex })],
    [1, () => modify(attr(L.carrier, [c.below(2)]), { index: ifindex })],
    [1, () => delLink([], { index: ifindex })],
    [1, () => modify([], { index: 1, flags: c.below(2), change: 1 })],
    [2, () => modify(attr(L.address, mac(3 + c.below(5))), { index: ifindex })],
    [1, () => modify(attr(L.group, u32(c.below(3))), { index: ifindex })],
    [1, () => modify(nest(L.afSpec, nest(10, attr(8, u8(c.below(2))))), { index: ifindex })],
    [1, () => modify(attr(L.netNsFd, u32(fdOf(c.pick(p.alive)))), { index: ifindex })],
    [1, () => newLink([...name('d2'), ...attr(L.address, mac(9)), ...kind('dummy')])],
  ])()
}

/** What is wrong with requests about links is tried elsewhere. */
const request = (p: Plan, ns: string): Bytes =>
  p.c.oneIn(9) ? link(p, ns) : p.c.oneIn(12) ? spoil(p.c, ofIp(p, ns)) : ofIp(p, ns)

function ofIp(p: Plan, ns: string): Bytes {
  return p.c.weighted<(p: Plan, ns: string) => Bytes>([
    [30, ip.newAddr],
    [12, ip.delAddr],
    [4, ip.getAddr],
    [35, ip.newRoute],
    [14, ip.delRoute],
    [6, ip.dumpRoutes],
    [14, ip.getRoute],
    [8, ip.newRule],
    [5, ip.delRule],
    [8, neighbours.newNeighbour],
    [4, neighbours.delNeighbour],
    [3, neighbours.getNeighbour],
    [2, neighbours.dumpNeighbours],
  ])(p, ns)
}

function sequence(title: string, seed: number, numbers: number): Scenario {
  const p = new Plan(new Chance(seed), numbers, GROUPS)
  p.addNamespace()
  devices(p, 'A')
  if (p.c.oneIn(4)) p.addNamespace()
  const before = p.steps.length
  while (p.steps.length < before + OPERATIONS) {
    const ns = p.c.oneIn(6) ? p.c.pick(p.alive) : 'A'
    p.do(send(request(p, ns), socket(p, ns)))
  }
  for (const ns of p.alive)
    for (const datagram of [dumpLinks(), ...ip.ipDumps(), ...neighbours.neighbourDumps()]) p.do(send(datagram, { ns }))
  return { name: title, steps: p.steps, groups: GROUPS }
}

/** Random sequences of operations on addresses and routes. */
export function* ipSequences({ seed, count, first = 0 }: RandomOptions): Generator<Scenario> {
  for (let i = 0; i < count; i++)
    yield sequence(`ip ${seed} ${i}`, seed * 100_003 + i, FIRST_NUMBER + (first + i) * OWN_NUMBERS)
}
