import {
  errno,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  RT_SCOPE_HOST,
  RT_SCOPE_NOWHERE,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTN_LOCAL,
  RTN_MAX,
  RTN_MULTICAST,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTNH_F_OFFLOAD,
  RTNH_F_TRAP,
} from '@netkit/netlink'
import { masked, sameWords } from '../../prefix/words.ts'
import type { Core } from '../core.ts'
import type { NetNamespace } from '../namespace.ts'
import type { Nexthop, Route, RouteTable } from '../route.ts'
import type { NexthopWish, RouteDetails, RouteWish } from '../route-wish.ts'
import { errorOf } from './lookup.ts'
import { refuse } from './refuse.ts'
import { dropRoute, putRoute, tableOf } from './tables.ts'
import { resolveNexthop } from './v4-nexthop.ts'
import { addressType, LEAST_SCOPE } from './v4-scope.ts'

const NOWHERE: Nexthop = { device: undefined, gateway: undefined, weight: 1, flags: 0, scope: 0 }

/** A prefix must not have bits behind its length. */
export function checkV4Prefix({ dst, dstLength, req }: RouteWish): number {
  if (dstLength > 32) return refuse(req, errno.EINVAL, 'Invalid prefix length')
  if (!sameWords(masked(dst, dstLength), dst))
    return refuse(req, errno.EINVAL, 'Invalid prefix for given prefix length')
  return 0
}

/** Checks what a route says about itself, in Linux's order, up to its nexthops. */
function checkWish(wish: RouteWish): number {
  const { req, type } = wish
  if (type > RTN_MAX) return -errno.EINVAL
  if (LEAST_SCOPE[type] > wish.scope) return refuse(req, errno.EINVAL, 'Invalid scope')
  if ((wish.flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)) !== 0) {
    return refuse(req, errno.EINVAL, 'Invalid rtm_flags - can not contain DEAD or LINKDOWN')
  }
  return 0
}

const NO_DETAILS: RouteDetails = { metrics: undefined, congestion: undefined, several: undefined }

function nexthopsOf(ns: NetNamespace, wish: RouteWish, several: RouteDetails['several']): Nexthop[] | number {
  const { req, type, only } = wish
  const nexthops = several ?? [only]
  if (errorOf(type) !== 0) {
    if (several || only.oif !== 0 || only.gateway !== undefined) {
      const text = 'Gateway, device and multipath can not be specified for this route type'
      return refuse(req, errno.EINVAL, text)
    }
    return [{ ...NOWHERE, flags: wish.flags & 0xff, realm: only.realm }]
  }
  if (type < 1 || type > RTN_MULTICAST) return refuse(req, errno.EINVAL, 'Invalid route type')
  if (wish.scope > RT_SCOPE_HOST) return refuse(req, errno.EINVAL, 'Invalid scope')
  if (wish.scope === RT_SCOPE_HOST) return hostNexthop(ns, wish, nexthops)
  const resolved: Nexthop[] = []
  for (const nexthop of nexthops) {
    const result = resolveNexthop(ns, wish, nexthop)
    if (typeof result === 'number') return result
    resolved.push(result)
  }
  return resolved
}

/** A route to an address of our own. */
function hostNexthop(ns: NetNamespace, { req }: RouteWish, nexthops: readonly NexthopWish[]): Nexthop[] | number {
  const [only] = nexthops
  if (nexthops.length !== 1) {
    return refuse(req, errno.EINVAL, 'Route with host scope can not have multiple nexthops')
  }
  if (only.gateway) return refuse(req, errno.EINVAL, 'Route with host scope can not have a gateway')
  const device = ns.devices.get(only.oif)
  if (!device) return -errno.ENODEV
  const { weight, flags, realm } = only
  return [{ device, gateway: undefined, weight, flags, realm, scope: RT_SCOPE_NOWHERE }]
}

/** Whether packets may be sent from `prefsrc`: an address of our own, or the one that this route makes so. */
function mayBeSource(ns: NetNamespace, wish: RouteWish, prefsrc: number): boolean {
  if (wish.type === RTN_LOCAL && wish.dst[0] !== 0 && wish.dst[0] === prefsrc) return true
  const table = wish.table === RT_TABLE_MAIN ? RT_TABLE_LOCAL : wish.table
  if (addressType(ns, prefsrc, undefined, table) === RTN_LOCAL) return true
  return table !== RT_TABLE_LOCAL && addressType(ns, prefsrc) === RTN_LOCAL
}

/** Makes the route that is wanted, in no table yet; a negative errno where it cannot be. */
function makeRoute(ns: NetNamespace, wish: RouteWish): Route | number {
  const error = checkWish(wish)
  if (error !== 0) return error
  const details = wish.details?.() ?? NO_DETAILS
  if (typeof details === 'number') return details
  const tunnel = wish.tunnel?.() ?? 0
  if (tunnel !== 0) return tunnel
  const nexthops = nexthopsOf(ns, wish, details.several)
  if (typeof nexthops === 'number') return nexthops
  const { prefsrc } = wish
  if (errorOf(wish.type) === 0 && prefsrc && prefsrc[0] !== 0 && !mayBeSource(ns, wish, prefsrc[0])) {
    return refuse(wish.req, errno.EINVAL, 'Invalid prefsrc address')
  }
  const linkdown = errorOf(wish.type) === 0 && nexthops.every(({ flags }) => (flags & RTNH_F_LINKDOWN) !== 0)
  return {
    family: wish.family,
    table: wish.table,
    dst: wish.dst,
    dstLength: wish.dstLength,
    src: undefined,
    srcLength: 0,
    tos: wish.tos,
    type: wish.type,
    scope: wish.scope,
    protocol: wish.protocol,
    priority: wish.priority,
    prefsrc: prefsrc && prefsrc[0] !== 0 ? prefsrc : undefined,
    metrics: details.metrics,
    congestion: details.congestion,
    flags: wish.flags | (linkdown ? RTNH_F_LINKDOWN : 0),
    nexthops,
    pref: 0,
    expires: 0,
  }
}

/** Flags that say how a nexthop is now, not what was asked for. */
const STATE = RTNH_F_DEAD | RTNH_F_LINKDOWN | RTNH_F_OFFLOAD | RTNH_F_TRAP

const sameNexthop = (a: Nexthop, b: Nexthop): boolean =>
  a.device === b.device &&
  sameWords(a.gateway, b.gateway) &&
  a.scope === b.scope &&
  a.weight === b.weight &&
  a.realm === b.realm &&
  ((a.flags ^ b.flags) & ~STATE) === 0

const sameMetrics = (a: Int32Array | undefined, b: Int32Array | undefined): boolean =>
  a === undefined || b === undefined ? a === b : a.every((n, i) => n === b[i])

/** Whether two routes to the same prefix are the same in everything. */
const isSame = (a: Route, b: Route): boolean =>
  a.type === b.type &&
  a.scope === b.scope &&
  a.protocol === b.protocol &&
  sameWords(a.prefsrc, b.prefsrc) &&
  sameMetrics(a.metrics, b.metrics) &&
  a.congestion === b.congestion &&
  ((a.flags ^ b.flags) & ~STATE) === 0 &&
  a.nexthops.length === b.nexthops.length &&
  a.nexthops.every((nexthop, i) => sameNexthop(nexthop, b.nexthops[i]))

/** Where a route belongs among those to its prefix: the greater TOS first, then the smaller metric, then the newer. */
function placeOf(set: readonly Route[], tos: number, priority: number): number {
  const at = set.findIndex((other) => other.tos < tos || (other.tos === tos && other.priority >= priority))
  return at < 0 ? set.length : at
}

/** Adds, replaces or refuses a route. Returns 0 or a negative errno. */
export function addV4Route(kernel: Core, ns: NetNamespace, wish: RouteWish): number {
  const table = tableOf(ns.ip.v4, wish.table)
  const route = makeRoute(ns, wish)
  if (typeof route === 'number') return route
  const set = table.prefixes.get(route.dst, route.dstLength) ?? []
  const first = placeOf(set, route.tos, route.priority)
  let at = first
  let told = NLM_F_EXCL
  const rival = set[first]
  if (rival !== undefined && rival.tos === route.tos && rival.priority === route.priority) {
    if ((wish.nlFlags & NLM_F_EXCL) !== 0) return -errno.EEXIST
    let end = first
    while (end < set.length && set[end].tos === route.tos && set[end].priority === route.priority) end++
    const same = set.slice(first, end).findIndex((other) => isSame(other, route))
    if ((wish.nlFlags & NLM_F_REPLACE) !== 0) {
      if (same >= 0) return same === 0 ? 0 : -errno.EEXIST
      set[first] = route
      kernel.changes++
      kernel.announce.route(ns, route, 'new', { req: wish.req, flags: NLM_F_REPLACE })
      return 0
    }
    if (same >= 0) return -errno.EEXIST
    told = (wish.nlFlags & NLM_F_APPEND) !== 0 ? NLM_F_APPEND : 0
    if (told !== 0) at = end
  }
  if ((wish.nlFlags & NLM_F_CREATE) === 0) return -errno.ENOENT
  putRoute(table, route, at)
  kernel.changes++
  kernel.announce.route(ns, route, 'new', { req: wish.req, flags: told | NLM_F_CREATE })
  return 0
}

/** Whether a route is one that a request to delete speaks of: what it does not say may be anything. */
function isMeant(route: Route, wish: RouteWish, { metrics, several }: RouteDetails): boolean {
  if (wish.type !== 0 && route.type !== wish.type) return false
  if (wish.scope !== RT_SCOPE_NOWHERE && route.scope !== wish.scope) return false
  if (wish.prefsrc && wish.prefsrc[0] !== 0 && !sameWords(route.prefsrc, wish.prefsrc)) return false
  if (wish.protocol !== 0 && route.protocol !== wish.protocol) return false
  if (wish.priority !== 0 && route.priority !== wish.priority) return false
  return leadsAsMeant(route, wish.only, several) && (metrics === undefined || hasMetrics(route, metrics))
}

const hasMetrics = (route: Route, wanted: Int32Array): boolean =>
  wanted.every((n, i) => n === 0 || route.metrics?.[i] === n)

function leadsAsMeant({ nexthops }: Route, only: NexthopWish, several: RouteDetails['several']): boolean {
  const leads = (nexthop: Nexthop | undefined, { oif, gateway, realm }: NexthopWish): boolean =>
    nexthop !== undefined &&
    (oif === 0 || nexthop.device?.ifindex === oif) &&
    (realm === undefined || (nexthop.realm ?? 0) === realm) &&
    (gateway === undefined || sameWords(nexthop.gateway, gateway))
  if (only.oif !== 0 || only.gateway !== undefined) return leads(nexthops[0], only)
  return several === undefined || several.every((one, i) => leads(nexthops[i], one))
}

/** Removes the first route that is meant. Returns 0 or a negative errno. */
export function deleteV4Route(kernel: Core, ns: NetNamespace, table: RouteTable, wish: RouteWish): number {
  const set = table.prefixes.get(wish.dst, wish.dstLength) ?? []
  if (set.length === 0) return -errno.ESRCH
  const details = wish.details?.() ?? NO_DETAILS
  if (typeof details === 'number') {
    if (wish.req) Object.assign(wish.req.extack, { msg: undefined, offset: undefined })
    return -errno.ESRCH
  }
  const route = set.find((one) => one.tos === wish.tos && isMeant(one, wish, details))
  if (route === undefined) return -errno.ESRCH
  kernel.announce.route(ns, route, 'gone', { req: wish.req, flags: 0 })
  dropRoute(table, route)
  kernel.changes++
  return 0
}
