import {
  AF_INET6,
  IFA_F_DADFAILED,
  IFA_F_NODAD,
  IFA_F_NOPREFIXROUTE,
  IFA_F_OPTIMISTIC,
  IFA_F_PERMANENT,
  IFA_F_STABLE_PRIVACY,
  IFA_F_TENTATIVE,
  IFF_LOOPBACK,
  IFF_NOARP,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_UNICAST,
  RTPROT_KERNEL,
} from '@netkit/netlink'
import { hasPrefix, isZero, sameWords, type Words } from '../../prefix/words.ts'
import type { Core } from '../core.ts'
import type { Device } from '../device.ts'
import type { V6Address } from '../ip-address.ts'
import type { Request } from '../request.ts'
import type { Route } from '../route.ts'
import type { RouteWish } from '../route-wish.ts'
import { TICKS_PER_SECOND, ticks } from './clock.ts'
import { holdsRoute, putRoute } from './tables.ts'
import { addV6Route, KERNEL_METRIC, removeV6Route } from './v6-routes.ts'
import { reach } from './v6-scope.ts'

const DAD_PROBES = 1
const GROUPS: Words = Int32Array.of(0xff00_0000 | 0, 0, 0, 0)

/** A route of the kernel's own, out of a device. */
function wishFor(dev: Device, type: number, dst: Words, dstLength: number, priority: number, expires = 0): RouteWish {
  return {
    family: AF_INET6,
    table: type === RTN_UNICAST ? RT_TABLE_MAIN : RT_TABLE_LOCAL,
    dst,
    dstLength,
    tos: 0,
    type,
    scope: 0,
    protocol: RTPROT_KERNEL,
    priority,
    expires,
    flags: 0,
    only: { oif: dev.ifindex, gateway: undefined, weight: 1, flags: 0 },
    nlFlags: 0,
  }
}

/** The route to all multicast groups, which a device that is up has. */
export function addGroupRoute(kernel: Core, dev: Device): void {
  if ((dev.flags & IFF_LOOPBACK) !== 0) return
  addV6Route(kernel, dev.ns, wishFor(dev, RTN_MULTICAST, GROUPS, 8, KERNEL_METRIC))
}

export const addNetworkRoute = (kernel: Core, dev: Device, a: V6Address, expires = 0): void =>
  void addV6Route(
    kernel,
    dev.ns,
    wishFor(dev, RTN_UNICAST, a.local, a.prefixLength, a.metric || KERNEL_METRIC, expires),
  )

/** The route to an address itself. It needs no device that is up. */
function addOwnRoute(kernel: Core, dev: Device, address: Words): void {
  const { local } = dev.ns.ip.v6
  const set = local.prefixes.get(address, 128) ?? []
  if (set.some((one) => one.type === RTN_LOCAL && one.nexthops[0].device === dev)) return
  const { only: _, ...wish } = wishFor(dev, RTN_LOCAL, address, 128, 0)
  const route: Route = {
    ...wish,
    src: undefined,
    srcLength: 0,
    prefsrc: undefined,
    metrics: undefined,
    congestion: undefined,
    pref: 0,
    expires: 0,
    nexthops: [{ device: dev, gateway: undefined, weight: 1, flags: 0, scope: 0 }],
  }
  const at = set.findIndex((one) => one.priority > 0)
  putRoute(local, route, at < 0 ? set.length : at)
  kernel.changes++
  const first = set.every((one) => one === route || one.priority !== route.priority)
  kernel.announce.route(dev.ns, route, 'new', { flags: NLM_F_CREATE | (first ? NLM_F_EXCL : 0) })
}

const ownRoute = (dev: Device, address: Words): Route | undefined =>
  dev.ns.ip.v6.local.prefixes
    .get(address, 128)
    ?.find((one) => one.type === RTN_LOCAL && one.nexthops[0].device === dev && sameWords(one.dst, address))

/** Enters an address into a device's list: the wider reaching first, among equals the newest. */
export function listV6(dev: Device, a: V6Address): void {
  const list = dev.inet?.v6Addresses ?? []
  const at = list.findIndex((one) => reach(one.local) <= reach(a.local))
  list.splice(at < 0 ? list.length : at, 0, a)
}

/** When a route to the network of an address ends: with the address. */
const expiryOf = (a: V6Address): number => (a.valid === 0xffff_ffff ? 0 : a.updated + a.valid * TICKS_PER_SECOND)

/** An address that a user gives to a device. It is told of twice: when it is there, and when it is known to be the only one. */
export function insertV6(kernel: Core, dev: Device, a: V6Address, req?: Request): void {
  listV6(dev, a)
  kernel.changes++
  if ((a.flags & IFA_F_NOPREFIXROUTE) === 0) addNetworkRoute(kernel, dev, a, expiryOf(a))
  if ((a.flags & (IFA_F_OPTIMISTIC | IFA_F_NODAD)) === 0) kernel.announce.address(dev, a, 'new', req)
  startDad(kernel, dev, a)
}

/** Nobody else can have the address: the device does not look for neighbours, or the user said so. */
const needsNoDad = (dev: Device, a: V6Address): boolean =>
  (dev.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0 || (a.flags & IFA_F_TENTATIVE) === 0 || (a.flags & IFA_F_NODAD) !== 0

/** Begins to look for duplicates of an address: after the request that made it. */
export function startDad(kernel: Core, dev: Device, a: V6Address): void {
  a.dadProbes = DAD_PROBES
  kernel.ip.start(dev, a)
}

/** The first step: nothing to look for, no link to look on, or a first probe within a second. */
export function beginDad(kernel: Core, dev: Device, a: V6Address): void {
  if (needsNoDad(dev, a)) completeDad(kernel, dev, a)
  else if (dev.inet?.v6Ready) kickDad(kernel, a)
  else if ((a.flags & IFA_F_PERMANENT) === 0 || (a.flags & IFA_F_STABLE_PRIVACY) !== 0) removeV6(kernel, dev, a)
}

export function kickDad(kernel: Core, a: V6Address): void {
  a.dadProbes = DAD_PROBES
  a.dadAt = ticks(kernel) + 1 + (kernel.world.random() % TICKS_PER_SECOND)
}

/** A later step: a probe, or the end of waiting for an answer. */
export function continueDad(kernel: Core, dev: Device, a: V6Address): void {
  if (a.dadProbes > 0) {
    a.dadProbes--
    a.dadAt += TICKS_PER_SECOND
    kernel.ip.probe?.(dev, a)
  } else completeDad(kernel, dev, a)
}

/** The address is the device's own. */
export function completeDad(kernel: Core, dev: Device, a: V6Address): void {
  a.dadAt = 0
  a.flags &= ~(IFA_F_TENTATIVE | IFA_F_OPTIMISTIC | IFA_F_DADFAILED)
  kernel.changes++
  kernel.announce.address(dev, a, 'new')
  addOwnRoute(kernel, dev, a.local)
  if (a.peer) {
    addV6Route(kernel, dev.ns, wishFor(dev, RTN_UNICAST, a.peer, 128, a.metric || KERNEL_METRIC))
  }
}

/** Someone else has the address: it stays, unusable, if a user made it. Called by whoever hears neighbours. */
export function failDad(kernel: Core, dev: Device, a: V6Address): void {
  if ((a.flags & IFA_F_TENTATIVE) === 0) return
  a.dadAt = 0
  a.flags = (a.flags | IFA_F_DADFAILED) & ~IFA_F_OPTIMISTIC
  kernel.changes++
  if ((a.flags & IFA_F_PERMANENT) !== 0) kernel.announce.address(dev, a, 'new')
  else removeV6(kernel, dev, a)
}

/** Takes an address away: it is told, its own route goes, and that to its network if no other address needs it. */
export function removeV6(kernel: Core, dev: Device, a: V6Address, req?: Request, keepNetwork = false): void {
  const list = dev.inet?.v6Addresses ?? []
  const at = list.indexOf(a)
  if (at < 0) return
  list.splice(at, 1)
  a.dadAt = 0
  kernel.changes++
  tellGone(kernel, dev, a, req)
  if (keepNetwork || (a.flags & IFA_F_NOPREFIXROUTE) !== 0) return
  leaveNetwork(kernel, dev, a)
}

/** The route to the network of an address goes unless others need it: for ever, or until the last of them ends. */
export function leaveNetwork(kernel: Core, dev: Device, a: V6Address): void {
  const others = (dev.inet?.v6Addresses ?? []).filter((one) => one !== a && sameNetwork(one, a))
  if (others.length === 0) removeNetworkRoute(kernel, dev, a.local, a.prefixLength)
  const lasting = IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE
  if (others.length === 0 || others.some((one) => (one.flags & lasting) !== 0)) return
  const route = networkRoute(dev, a.local, a.prefixLength)
  if (route?.expires !== 0) return
  route.expires = Math.max(...others.map(expiryOf))
  kernel.ip.watchRoutes(dev.ns)
}

/**
 * An address was changed: the routes to its network, and to that of the other end of its link, are made anew where they are not
 * there or have another metric. `hadRoute`: they were to be there before.
 */
export function renewNetworkRoutes(kernel: Core, dev: Device, a: V6Address, hadRoute: boolean): void {
  const expires = expiryOf(a)
  const priority = a.metric || KERNEL_METRIC
  const renewed = (prefix: Words): boolean => {
    const old = hadRoute ? networkRoute(dev, prefix, a.prefixLength) : undefined
    if (!old) return false
    if (old.priority === priority) {
      old.expires = expires
      if (expires !== 0) kernel.ip.watchRoutes(dev.ns)
    } else {
      removeV6Route(kernel, dev.ns, dev.ns.ip.v6.main, old)
      make(prefix)
    }
    return true
  }
  const make = (prefix: Words): void =>
    void addV6Route(kernel, dev.ns, wishFor(dev, RTN_UNICAST, prefix, a.prefixLength, priority, expires))
  if (!renewed(a.local)) make(a.local)
  if (a.peer && !renewed(a.peer)) make(a.peer)
}

/** Takes away the route to a network of an address. */
export function removeNetworkRoute(kernel: Core, dev: Device, prefix: Words, length: number): void {
  const network = networkRoute(dev, prefix, length)
  if (network) removeV6Route(kernel, dev.ns, dev.ns.ip.v6.main, network)
}

const sameNetwork = (one: V6Address, a: V6Address): boolean =>
  one.prefixLength === a.prefixLength && hasPrefix(one.local, a.local, a.prefixLength)

/** The first route to a prefix that leads out of a device without a gateway, whoever made it. */
function networkRoute(dev: Device, prefix: Words, length: number): Route | undefined {
  const set = dev.ns.ip.v6.main.prefixes.get(prefix, length)
  return set?.find(({ nexthops: [one] }) => one.device === dev && one.gateway === undefined)
}

/** What everyone hears of an address that is off the list, and the routes that only it was for. */
export function tellGone(kernel: Core, dev: Device, a: V6Address, req?: Request): void {
  kernel.announce.address(dev, a, 'gone', req)
  if (a.peer && !isZero(a.peer)) {
    const set = dev.ns.ip.v6.main.prefixes.get(a.peer, 128)
    const route = set?.find((one) => one.nexthops[0].device === dev && one.protocol === RTPROT_KERNEL)
    if (route) removeV6Route(kernel, dev.ns, dev.ns.ip.v6.main, route)
  }
  const own = ownRoute(dev, a.local)
  if (own && holdsRoute(dev.ns.ip.v6.local, own)) removeV6Route(kernel, dev.ns, dev.ns.ip.v6.local, own)
}
