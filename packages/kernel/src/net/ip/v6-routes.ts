import {
  errno,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  RTM_F_CLONED,
  RTN_BLACKHOLE,
  RTN_LOCAL,
  RTN_MAX,
  RTN_THROW,
  RTN_UNICAST,
  RTNH_F_LINKDOWN,
  RTNH_F_ONLINK,
  RTPROT_BOOT,
} from '@netkit/netlink'
import { isZero, masked, sameWords } from '../../prefix/words.ts'
import type { Core } from '../core.ts'
import type { NetNamespace } from '../namespace.ts'
import type { Nexthop, Route, RouteTable } from '../route.ts'
import type { NexthopWish, RouteDetails, RouteWish } from '../route-wish.ts'
import { refuse } from './refuse.ts'
import { dropRoute, putRoute, tableOf } from './tables.ts'
import { v6GatewayDevice } from './v6-gateway.ts'
import { hasAddress6 } from './v6-scope.ts'

/** Metric of a route that a user makes without saying one. */
export const USER_METRIC = 1024
/** Metric of routes to networks of addresses, and to multicast groups. */
export const KERNEL_METRIC = 256

const RTN_ANYCAST = 4
const NO_DETAILS: RouteDetails = { metrics: undefined, congestion: undefined, several: undefined }

/** Types of routes that lead nowhere. */
const rejects = (type: number): boolean => type >= RTN_BLACKHOLE && type <= RTN_THROW

function resolve(ns: NetNamespace, wish: RouteWish, one: NexthopWish): Nexthop | number {
  const { req } = wish
  const given = one.oif === 0 ? undefined : ns.devices.get(one.oif)
  if (one.oif !== 0 && !given?.inet?.v6) return -errno.ENODEV
  if ((one.flags & RTNH_F_ONLINK) !== 0) {
    if (!given) return refuse(req, errno.ENODEV, 'Nexthop device required for onlink')
    if (!given.up) return refuse(req, errno.ENETDOWN, 'Nexthop device is not up')
  }
  if (rejects(wish.type)) {
    const device = ns.loopback
    return device?.inet?.v6 ? { device, gateway: undefined, weight: 1, flags: 0, scope: 0 } : -errno.ENODEV
  }
  const by = one.gateway === undefined ? given : v6GatewayDevice(ns, wish, one)
  if (typeof by === 'number') return by
  if (!by) return -errno.ENODEV
  if (!by.inet?.v6) return refuse(req, errno.EACCES, 'IPv6 is disabled on nexthop device')
  if (!by.up) return refuse(req, errno.ENETDOWN, 'Nexthop device is not up')
  const lost = wish.type !== RTN_LOCAL && wish.type !== RTN_ANYCAST && !by.carrier
  const flags = (one.flags & RTNH_F_ONLINK) | (lost ? RTNH_F_LINKDOWN : 0)
  return { device: by, gateway: one.gateway, weight: one.weight, flags, scope: 0 }
}

function checkWish(wish: RouteWish): number {
  const { req } = wish
  if ((wish.flags & RTM_F_CLONED) !== 0) return refuse(req, errno.EINVAL, 'Userspace can not set RTF_CACHE')
  if (wish.type > RTN_MAX) return refuse(req, errno.EINVAL, 'Invalid route type')
  if (wish.dstLength > 128) return refuse(req, errno.EINVAL, 'Invalid prefix length')
  if ((wish.srcLength ?? 0) > 128) return refuse(req, errno.EINVAL, 'Invalid source address length')
  return 0
}

/** The part of a wanted route that goes one way; a negative errno where it cannot be. */
function makeRoute(ns: NetNamespace, wish: RouteWish, one: NexthopWish, details: RouteDetails): Route | number {
  const nexthop = resolve(ns, wish, one)
  if (typeof nexthop === 'number') return nexthop
  const { prefsrc, src, srcLength = 0 } = wish
  if (prefsrc && !isZero(prefsrc) && !hasAddress6(ns, prefsrc)) {
    return refuse(wish.req, errno.EINVAL, 'Invalid source address')
  }
  return {
    family: wish.family,
    table: wish.table,
    dst: masked(wish.dst, wish.dstLength),
    dstLength: wish.dstLength,
    src: src && srcLength > 0 ? masked(src, srcLength) : undefined,
    srcLength,
    tos: 0,
    type: wish.type || RTN_UNICAST,
    scope: 0,
    protocol: wish.protocol || RTPROT_BOOT,
    priority: wish.priority,
    prefsrc: prefsrc && !isZero(prefsrc) ? prefsrc : undefined,
    metrics: details.metrics,
    congestion: details.congestion,
    flags: 0,
    nexthops: [nexthop],
    pref: wish.pref ?? 0,
    expires: wish.expires ?? 0,
    realm: 0,
  }
}

const sameNexthop = (a: Nexthop, b: Nexthop): boolean => a.device === b.device && sameWords(a.gateway, b.gateway)
const sameSource = (a: Route, b: Route): boolean => a.srcLength === b.srcLength && sameWords(a.src, b.src)
/** Only routes through gateways share the way with others. */
const canShare = (route: Route): boolean => route.nexthops[0].gateway !== undefined

/** How one way was added: beside others, in their place, or as a route of its own. */
interface Added {
  readonly route: Route
  readonly flags: number
}

/** Enters one way of a route. `nlFlags`: undefined where nobody asked, and nothing stands in the way. */
function enter(table: RouteTable, route: Route, nlFlags: number | undefined, req: RouteWish['req']): Added | number {
  const set = table.prefixes.get(route.dst, route.dstLength) ?? []
  const flags = nlFlags ?? NLM_F_CREATE
  const replace = (flags & NLM_F_REPLACE) !== 0
  if (set.length === 0 && replace && (flags & NLM_F_CREATE) === 0) {
    return refuse(req, errno.ENOENT, 'Can not replace route - no match found')
  }
  const rivals = set.filter((one) => one.priority === route.priority && sameSource(one, route))
  if (rivals.length > 0 && (flags & NLM_F_EXCL) !== 0) return -errno.EEXIST
  if (replace) return enterInstead(table, set, rivals, route, flags)
  for (const rival of rivals) {
    if (!rival.nexthops.some((nexthop) => sameNexthop(nexthop, route.nexthops[0]))) continue
    if (rival.expires !== 0) rival.expires = route.expires
    return -errno.EEXIST
  }
  const appended = (flags & NLM_F_APPEND) !== 0 ? NLM_F_APPEND : 0
  const told = (rivals.length === 0 ? NLM_F_EXCL : 0) | appended | NLM_F_CREATE
  const shared = canShare(route) ? rivals.find(canShare) : undefined
  if (shared) {
    shared.nexthops.push(route.nexthops[0])
    return { route: shared, flags: told }
  }
  putRoute(table, route, placeOf(set, route.priority))
  return { route, flags: told }
}

function enterInstead(
  table: RouteTable,
  set: readonly Route[],
  rivals: readonly Route[],
  route: Route,
  flags: number,
): Added | number {
  const old = rivals.find((one) => canShare(one) === canShare(route)) ?? rivals[0]
  if (old === undefined) {
    if ((flags & NLM_F_CREATE) === 0) return -errno.ENOENT
    putRoute(table, route, placeOf(set, route.priority))
    return { route, flags: NLM_F_CREATE | NLM_F_EXCL }
  }
  const at = set.indexOf(old)
  dropRoute(table, old)
  putRoute(table, route, at)
  return { route, flags: NLM_F_REPLACE }
}

const placeOf = (set: readonly Route[], priority: number): number => {
  const at = set.findIndex((one) => one.priority > priority)
  return at < 0 ? set.length : at
}

/** Adds or replaces a route that goes one way. Returns 0 or a negative errno. */
function addOne(kernel: Core, ns: NetNamespace, wish: RouteWish, details: RouteDetails): number {
  const route = makeRoute(ns, wish, wish.only, details)
  if (typeof route === 'number') return route
  const [nexthop] = route.nexthops
  const added = enter(tableOf(ns.ip.v6, wish.table), route, wish.req && wish.nlFlags, wish.req)
  if (typeof added === 'number') return added
  kernel.changes++
  // What is told begins with the way that is new.
  const others = added.route.nexthops.filter((one) => one !== nexthop)
  const told = others.length === 0 ? added.route : { ...added.route, nexthops: [nexthop, ...others] }
  kernel.announce.route(ns, told, 'new', { req: wish.req, flags: added.flags })
  return 0
}

/** Adds a route that goes several ways: all of them are made before the first is entered. */
function addSeveral(kernel: Core, ns: NetNamespace, wish: RouteWish, details: RouteDetails): number {
  const parts: Route[] = []
  for (const one of details.several ?? []) {
    const part = makeRoute(ns, wish, one, details)
    if (typeof part === 'number') return part
    if (!canShare(part)) {
      return refuse(wish.req, errno.EINVAL, 'Device only routes can not be added for IPv6 using the multipath API.')
    }
    if (parts.some((other) => sameNexthop(other.nexthops[0], part.nexthops[0]))) return -errno.EEXIST
    parts.push(part)
  }
  const table = tableOf(ns.ip.v6, wish.table)
  let flags = wish.nlFlags
  const entered: Route[] = []
  let last: Route | undefined
  for (const part of parts) {
    const [nexthop] = part.nexthops
    const added = enter(table, part, flags, wish.req)
    if (typeof added === 'number') {
      for (const one of entered) forget(table, one.dst, one.dstLength, one.nexthops[0])
      return added
    }
    entered.push({ ...part, nexthops: [nexthop] })
    last = added.route
    // Only the first may find something in its way; the others come beside it.
    flags = (flags & ~(NLM_F_EXCL | NLM_F_REPLACE)) | NLM_F_CREATE
  }
  kernel.changes++
  const told = (wish.nlFlags & NLM_F_REPLACE) !== 0 ? NLM_F_REPLACE : NLM_F_CREATE
  if (last) {
    kernel.announce.route(ns, last, 'new', { req: wish.req, flags: told | (wish.nlFlags & NLM_F_APPEND) })
  }
  return 0
}

/** Takes one way out of the routes to a prefix. */
function forget(table: RouteTable, dst: Int32Array, length: number, nexthop: Nexthop): void {
  for (const route of table.prefixes.get(dst, length) ?? []) {
    const at = route.nexthops.indexOf(nexthop)
    if (at < 0) continue
    if (route.nexthops.length === 1) dropRoute(table, route)
    else route.nexthops.splice(at, 1)
    return
  }
}

/** Adds, replaces or refuses a route. Returns 0 or a negative errno. */
export function addV6Route(kernel: Core, ns: NetNamespace, wish: RouteWish): number {
  const error = checkWish(wish)
  if (error !== 0) return error
  const details = wish.details?.() ?? NO_DETAILS
  if (typeof details === 'number') return details
  return (details.several ? addSeveral : addOne)(kernel, ns, wish, details)
}

/** Removes a route, or the one way of it that is named. Returns 0 or a negative errno. */
export function deleteV6Route(kernel: Core, ns: NetNamespace, table: RouteTable, wish: RouteWish): number {
  const details = wish.details?.() ?? NO_DETAILS
  if (typeof details === 'number') return details
  if (!details.several) return deleteOne(kernel, ns, table, wish, wish.only)
  let result = 0
  for (const one of details.several) {
    const error = deleteOne(kernel, ns, table, wish, one)
    if (error !== 0) result = error
  }
  return result
}

function deleteOne(kernel: Core, ns: NetNamespace, table: RouteTable, wish: RouteWish, one: NexthopWish): number {
  const set = table.prefixes.get(wish.dst, wish.dstLength) ?? []
  for (const route of set) {
    if (wish.priority !== 0 && route.priority !== wish.priority) continue
    if (wish.protocol !== 0 && route.protocol !== wish.protocol) continue
    if ((wish.srcLength ?? 0) !== route.srcLength) continue
    const nexthop = route.nexthops.find(
      (other) =>
        (one.oif === 0 || other.device?.ifindex === one.oif) &&
        (one.gateway === undefined || sameWords(other.gateway, one.gateway)),
    )
    if (nexthop === undefined) continue
    if (one.gateway === undefined || route.nexthops.length === 1) removeV6Route(kernel, ns, table, route, wish.req)
    else {
      route.nexthops.splice(route.nexthops.indexOf(nexthop), 1)
      kernel.changes++
      kernel.announce.route(ns, { ...route, nexthops: [nexthop] }, 'gone', { req: wish.req, flags: 0 })
    }
    return 0
  }
  return -errno.ESRCH
}

/** Removes a whole route and tells of it. */
export function removeV6Route(
  kernel: Core,
  ns: NetNamespace,
  table: RouteTable,
  route: Route,
  req?: RouteWish['req'],
): void {
  dropRoute(table, route)
  kernel.changes++
  kernel.announce.route(ns, route, 'gone', { req, flags: 0 })
}
