import {
  errno,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  RTM_F_CLONED,
  RTN_LOCAL,
  RTN_MAX,
  RTN_UNICAST,
  RTNH_F_LINKDOWN,
  RTNH_F_ONLINK,
  RTPROT_BOOT,
  RTPROT_KERNEL,
} from '@netkit/netlink'
import { isZero, masked, sameWords, type Words } from '../../prefix/words.ts'
import type { Core } from '../core.ts'
import type { NetNamespace } from '../namespace.ts'
import type { Nexthop, Route, RouteTable } from '../route.ts'
import type { NexthopWish, RouteDetails, RouteWish } from '../route-wish.ts'
import { refuse } from './refuse.ts'
import { dropRoute, tableOf } from './tables.ts'
import { enterV6, sameWay } from './v6-enter.ts'
import { checkV6Device, v6GatewayDevice } from './v6-gateway.ts'
import { leadsNowhere, rejects } from './v6-reject.ts'
import { maySendFrom6 } from './v6-scope.ts'

/** Metric of a route that a user makes without saying one. */
export const USER_METRIC = 1024
/** Metric of routes to networks of addresses, and to multicast groups. */
export const KERNEL_METRIC = 256

const HALF_REPLACED = 'multipath route replace failed (check consistency of installed routes)'
const NO_DETAILS: RouteDetails = { metrics: undefined, congestion: undefined, several: undefined }

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
    const flags = one.flags & RTNH_F_ONLINK
    return device?.inet?.v6 ? { device, gateway: undefined, weight: one.weight, flags, scope: 0 } : -errno.ENODEV
  }
  const by = one.gateway === undefined ? given : v6GatewayDevice(ns, wish, one)
  if (typeof by === 'number') return by
  if (!by) return -errno.ENODEV
  const unusable = checkV6Device(req, by)
  if (unusable !== 0) return unusable
  const lost = wish.type !== RTN_LOCAL && !by.carrier
  const tunnel = wish.tunnel?.() ?? 0
  if (tunnel !== 0) return tunnel
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
  if (prefsrc && !isZero(prefsrc) && !maySendFrom6(ns, prefsrc, nexthop.device)) {
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
    ...(leadsNowhere(wish, nexthop.device)
      ? { pref: 0, expires: 0 }
      : { pref: wish.pref ?? 0, expires: wish.expires ?? 0 }),
  }
}

/** The route as it is told of: beginning with the way that is new. */
function beginningWith(route: Route, nexthop: Nexthop): Route {
  const at = route.nexthops.indexOf(nexthop)
  return at <= 0 ? route : { ...route, nexthops: [...route.nexthops.slice(at), ...route.nexthops.slice(0, at)] }
}

/** Adds or replaces a route that goes one way. Returns 0 or a negative errno. */
function addOne(kernel: Core, ns: NetNamespace, table: RouteTable, wish: RouteWish, details: RouteDetails): number {
  const route = makeRoute(ns, wish, wish.only, details)
  if (typeof route === 'number') return route
  const [nexthop] = route.nexthops
  if (route.expires !== 0) kernel.ip.watchRoutes(ns)
  const added = enterV6(table, route, wish.req && wish.nlFlags, wish.req)
  if (typeof added === 'number') return added
  kernel.changes++
  kernel.announce.route(ns, beginningWith(added.route, nexthop), 'new', { req: wish.req, flags: added.flags })
  return 0
}

/** Adds a route that goes several ways: all of them are made before the first is entered. */
function addSeveral(kernel: Core, ns: NetNamespace, table: RouteTable, wish: RouteWish, details: RouteDetails): number {
  const parts: Route[] = []
  for (const one of details.several ?? []) {
    const part = makeRoute(ns, wish, one, details)
    if (typeof part === 'number') return part
    if (parts.some((other) => sameWay(other.nexthops[0], part.nexthops[0]))) return -errno.EEXIST
    parts.push(part)
  }
  return enterSeveral(kernel, ns, table, wish, parts)
}

/** Enters the parts of a route, or, where one cannot be, takes those before it away again. */
function enterSeveral(
  kernel: Core,
  ns: NetNamespace,
  table: RouteTable,
  wish: RouteWish,
  parts: readonly Route[],
): number {
  const { req } = wish
  const replaces = (wish.nlFlags & NLM_F_REPLACE) !== 0
  const entered: Nexthop[] = []
  let flags = wish.nlFlags
  let last: Route | undefined
  let error = 0
  for (const part of parts) {
    const [nexthop] = part.nexthops
    const added = enterV6(table, part, flags, req)
    if (typeof added === 'number') {
      error = added
      break
    }
    entered.push(nexthop)
    if (part.expires !== 0) kernel.ip.watchRoutes(ns)
    last = added.route
    // Only the first may find something in its way; the others come beside it. Acknowledgements show it.
    flags = (flags & ~(NLM_F_EXCL | NLM_F_REPLACE)) | NLM_F_CREATE
    if (req) req.acknowledgedFlags = flags
  }
  if (error !== 0 && replaces && entered.length > 0) refuse(req, -error, HALF_REPLACED)
  kernel.changes++
  if (last) {
    const appends = wish.nlFlags & NLM_F_APPEND
    const told = appends === 0 ? beginningWith(last, entered[0]) : last
    kernel.announce.route(ns, told, 'new', { req, flags: (replaces ? NLM_F_REPLACE : NLM_F_CREATE) | appends })
  }
  if (error !== 0) for (const nexthop of entered) removeWay(kernel, ns, table, last as Route, nexthop, req)
  return error
}

/** Adds, replaces or refuses a route. Returns 0 or a negative errno. */
export function addV6Route(kernel: Core, ns: NetNamespace, wish: RouteWish): number {
  const error = checkWish(wish)
  if (error !== 0) return error
  const table = tableOf(ns.ip.v6, wish.table)
  const details = wish.details?.() ?? NO_DETAILS
  if (typeof details === 'number') return details
  return (details.several ? addSeveral : addOne)(kernel, ns, table, wish, details)
}

/** Removes a route, or the one way of it that is named. Returns 0 or a negative errno. */
export function deleteV6Route(kernel: Core, ns: NetNamespace, table: RouteTable, wish: RouteWish): number {
  const details = wish.details?.() ?? NO_DETAILS
  if (typeof details === 'number') return details
  if (!details.several) return deleteOne(kernel, ns, table, wish, wish.only, true)
  let result = 0
  for (const one of details.several) {
    const error = deleteOne(kernel, ns, table, wish, one, false)
    if (error !== 0) result = error
  }
  return result
}

/** The routes that a request to delete is about. A source counts only where there are routes by source. */
function candidates(table: RouteTable, { dst, dstLength, src, srcLength = 0 }: RouteWish): readonly Route[] {
  const set = table.prefixes.get(dst, dstLength) ?? []
  const bySource = srcLength > 0 && set.some((one) => one.src !== undefined)
  if (!bySource) return set.filter((one) => one.src === undefined)
  const wanted = src && masked(src, srcLength)
  return set.filter((one) => one.srcLength === srcLength && sameWords(one.src, wanted))
}

const NO_METRIC = 0xffff_ffff

/** A table without a default route ends in one that leads nowhere, which a request can mean but not delete. */
function meansTheEnd(ns: NetNamespace, wish: RouteWish, one: NexthopWish): boolean {
  if (wish.dstLength !== 0 || (one.oif !== 0 && one.oif !== ns.loopback?.ifindex)) return false
  if (one.gateway !== undefined && !isZero(one.gateway)) return false
  return (
    (wish.priority === 0 || wish.priority === NO_METRIC) && (wish.protocol === 0 || wish.protocol === RTPROT_KERNEL)
  )
}

function deleteOne(
  kernel: Core,
  ns: NetNamespace,
  table: RouteTable,
  wish: RouteWish,
  one: NexthopWish,
  allWays: boolean,
): number {
  // Clones are kept nowhere: there is none left of any route.
  if ((wish.flags & RTM_F_CLONED) !== 0) return 0
  const routes = candidates(table, wish)
  if (routes.length === 0 && meansTheEnd(ns, wish, one)) return -errno.ENOENT
  for (const route of routes) {
    if (wish.priority !== 0 && route.priority !== wish.priority) continue
    if (wish.protocol !== 0 && route.protocol !== wish.protocol) continue
    const nexthop = route.nexthops.find(
      (other) =>
        (one.oif === 0 || other.device?.ifindex === one.oif) &&
        (one.gateway === undefined || sameGateway(other.gateway, one.gateway)),
    )
    if (nexthop === undefined) continue
    if (one.gateway === undefined && allWays) removeV6Route(kernel, ns, table, route, wish.req)
    else removeWay(kernel, ns, table, route, nexthop, wish.req)
    return 0
  }
  return -errno.ESRCH
}

const sameGateway = (has: Words | undefined, wanted: Words): boolean =>
  has === undefined ? isZero(wanted) : sameWords(has, wanted)

/** Takes one way out of a route, or the route away that has no other. */
function removeWay(
  kernel: Core,
  ns: NetNamespace,
  table: RouteTable,
  route: Route,
  nexthop: Nexthop,
  req?: RouteWish['req'],
): void {
  if (route.nexthops.length === 1) {
    removeV6Route(kernel, ns, table, route, req)
    return
  }
  route.nexthops.splice(route.nexthops.indexOf(nexthop), 1)
  kernel.changes++
  kernel.announce.route(ns, { ...route, nexthops: [nexthop] }, 'gone', { req, flags: 0 })
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
