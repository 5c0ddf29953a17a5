import { ipBytes, NEIGH, RTM_DELNEIGH, RTM_GETNEIGH, RTM_NEWNEIGH } from '@netkit/netlink'
import type { Chance } from '../chance.ts'
import { attr, type Bytes, DUMP, mac, message, REQ, u8, u16, u32, zeros } from '../wire.ts'
import type { Plan } from './plan.ts'

/** Requests about neighbours and their proxies. */

const N = NEIGH.ids
const V4 = 2
const V6 = 10
const ADDRESSES: Readonly<Record<number, readonly string[]>> = {
  [V4]: ['10.0.0.9', '10.0.0.8', '10.0.0.1', '224.0.0.5', '255.255.255.255', '0.0.0.0', '127.0.0.1', '10.0.0.255'],
  [V6]: ['2001:db8::9', 'fe80::9', 'fd00::9', '2001:db8::1', 'ff02::5', '::1', '::', 'fe80::1'],
}
/** Those that no timer changes: none, stale, failed, without ARP, permanent. */
const STATES = [0x80, 0x80, 0x80, 0x40, 0x40, 0x04, 0x04, 0x20, 0]
/** Not NTF_USE, which begins to look for the neighbour. */
const FLAGS = [0, 0, 0, 0, 0x08, 0x08, 0x10, 0x80, 0x90, 0x02, 0x04, 0x20, 0x40]

const maybe = (c: Chance, n: number, make: () => Bytes): Bytes => (c.oneIn(n) ? make() : [])
const ndmsg = (family: number, pad: number, index: number, state: number, flags: number, type: number): Bytes => [
  ...u8(family),
  ...u8(pad),
  ...u16(0),
  ...u32(index),
  ...u16(state),
  ...u8(flags),
  ...u8(type),
]
const family = (c: Chance): number => c.pick([V4, V4, V4, V6, V6, V6, V6, 0, 1, 28])
const address = (c: Chance, of: number): Bytes => [
  ...(ipBytes(c.pick(ADDRESSES[of === V6 ? (c.oneIn(40) ? V4 : V6) : c.oneIn(40) ? V6 : V4])) ?? []),
]
const target = (c: Chance, of: number): Bytes => (c.oneIn(25) ? [] : attr(N.dst, c.oneIn(40) ? [1] : address(c, of)))
const deviceOf = (p: Plan, ns: string): number =>
  p.c.oneIn(15) ? p.c.below(9) : p.c.oneIn(10) ? 1 : p.device(ns).ifindex
const extension = (c: Chance): Bytes => attr(N.flagsExt, u32(c.pick([0, 2, 4, 8])))

export function newNeighbour(p: Plan, ns: string): Bytes {
  const { c } = p
  const of = family(c)
  const how = c.pick([0x600, 0x600, 0x400, 0x500, 0x100, 0])
  const head = ndmsg(of, 0, deviceOf(p, ns), c.pick(STATES), c.pick(FLAGS), c.oneIn(9) ? c.below(9) : 0)
  return message(
    { type: RTM_NEWNEIGH, flags: REQ | how | (c.oneIn(10) ? 8 : 0) },
    head,
    target(c, of),
    maybe(c, 1 + c.below(2), () => attr(N.lladdr, c.oneIn(20) ? zeros(c.pick([5, 7, 33])) : mac(c.below(4)))),
    maybe(c, 6, () => attr(N.protocol, u8(c.below(5)))),
    maybe(c, 12, () => extension(c)),
    maybe(c, 25, () => attr(c.pick([N.probes, N.vlan, N.ifindex, N.master, N.cacheInfo]), u32(c.below(4)))),
  )
}

export function delNeighbour(p: Plan, ns: string): Bytes {
  const { c } = p
  const of = family(c)
  const head = ndmsg(of, 0, deviceOf(p, ns), 0, c.oneIn(3) ? c.pick(FLAGS) : 0, 0)
  return message({ type: RTM_DELNEIGH, flags: REQ }, head, target(c, of))
}

export function getNeighbour(p: Plan, ns: string): Bytes {
  const { c } = p
  const of = family(c)
  const odd = c.oneIn(9) ? c.below(4) : -1
  const head = ndmsg(
    of,
    odd === 0 ? 1 : 0,
    c.oneIn(9) ? 0 : deviceOf(p, ns),
    odd === 1 ? 2 : 0,
    c.pick([0, 0, 8, odd === 2 ? 4 : 0]),
    odd === 3 ? 1 : 0,
  )
  return message(
    { type: RTM_GETNEIGH, flags: REQ },
    head,
    target(c, of),
    maybe(c, 12, () => attr(c.below(17), u32(c.below(3)))),
  )
}

export function dumpNeighbours(p: Plan, ns: string): Bytes {
  const { c } = p
  const odd = c.oneIn(9) ? c.below(3) : -1
  const head = ndmsg(
    c.pick([0, V4, V6, V6, 28]),
    odd === 0 ? 1 : 0,
    odd === 1 ? 2 : 0,
    0,
    c.pick([0, 0, 8, odd === 2 ? 4 : 0]),
    0,
  )
  return message(
    { type: RTM_GETNEIGH, flags: DUMP },
    head,
    maybe(c, 3, () => attr(N.ifindex, u32(deviceOf(p, ns)))),
    maybe(c, 12, () => attr(N.master, u32(c.below(3)))),
    maybe(c, 15, () => attr(c.below(17), u32(c.below(3)))),
  )
}

/** What shows all neighbours and proxies of a namespace. */
export const neighbourDumps = (): Bytes[] =>
  [0, 8].flatMap((flags) =>
    [V4, V6].map((of) => message({ type: RTM_GETNEIGH, flags: DUMP }, ndmsg(of, 0, 0, 0, flags, 0))),
  )
