import {
  AF_INET,
  NEXTHOP,
  ROUTE,
  RT_TABLE_COMPAT,
  RTAX_CC_ALGO,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTNH_F_ONLINK,
  type Writer,
} from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import { ticks } from '../../net/ip/clock.ts'
import type { Nexthop, Route } from '../../net/route.ts'
import { writeWords } from '../words.ts'

const R = ROUTE.ids
const N = NEXTHOP.ids
const SHOWN = RTNH_F_DEAD | RTNH_F_LINKDOWN | RTNH_F_ONLINK

/** Writes the header of a route message. */
function writeHeader(w: Writer, route: Route, flags: number): void {
  w.u8(route.family).u8(route.dstLength).u8(route.srcLength).u8(route.tos)
  w.u8(route.table < 256 ? route.table : RT_TABLE_COMPAT)
  w.u8(route.protocol).u8(route.scope).u8(route.type).u32(flags)
}

const flagsOf = (nexthop: Nexthop): number => nexthop.flags & SHOWN

export function writeMetrics(w: Writer, { metrics, congestion }: Pick<Route, 'metrics' | 'congestion'>): void {
  if (metrics === undefined && congestion === undefined) return
  const nest = w.begin(R.metrics)
  const before = w.length
  metrics?.forEach((n, id) => {
    if (n !== 0 && id < RTAX_CC_ALGO) w.attrU32(id, n)
  })
  if (congestion !== undefined) w.attrString(RTAX_CC_ALGO, congestion)
  metrics?.forEach((n, id) => {
    if (n !== 0 && id > RTAX_CC_ALGO) w.attrU32(id, n)
  })
  if (w.length === before) w.cancel(nest)
  else w.end(nest)
}

export function writeGateway(w: Writer, family: number, nexthop: Nexthop): void {
  const { gateway } = nexthop
  if (gateway === undefined) return
  const words = family === AF_INET ? 1 : 4
  if (gateway.length === words) {
    writeWords(w, R.gateway, gateway)
    return
  }
  const mark = w.begin(N.via)
  w.u16(gateway.length === 1 ? AF_INET : 10)
  const at = w.reserve(4 * gateway.length)
  gateway.forEach((word, i) => {
    w.view.setInt32(at + 4 * i, word, false)
  })
  w.end(mark)
}

function writeRealm(w: Writer, { realm }: Nexthop): void {
  if (realm) w.attrU32(N.flow, realm)
}

function writeMultipath(w: Writer, { family, nexthops }: Route): void {
  const nest = w.begin(R.multipath)
  for (const nexthop of nexthops) {
    const at = w.length
    w.u16(0)
      .u8(flagsOf(nexthop))
      .u8(nexthop.weight - 1)
      .u32(nexthop.device?.ifindex ?? 0)
    writeGateway(w, family, nexthop)
    writeRealm(w, nexthop)
    w.view.setUint16(at, w.length - at, true)
  }
  w.end(nest)
}

function writeNexthops(w: Writer, route: Route): void {
  const [nexthop, second] = route.nexthops
  if (second) writeMultipath(w, route)
  else {
    writeGateway(w, route.family, nexthop)
    if (nexthop.device) w.attrU32(R.oif, nexthop.device.ifindex)
  }
}

/** Writes RTA_CACHEINFO. `expires`: hundredths of a second that are left. */
export function writeCacheInfo(w: Writer, expires: number, error: number): void {
  const mark = w.begin(R.cacheInfo)
  w.u32(0).u32(0).u32(expires).u32(error).zeros(16)
  w.end(mark)
}

/** What a route that was asked for shows instead of what its table has. */
interface Shown {
  readonly table?: number
  readonly type?: number
  /** Ifindex of the device by which packets come in that it was looked up for. */
  readonly iif?: number
  /** Why it is removed, see RouteNotice. */
  readonly reason?: number
}

/** Writes a route message behind its netlink header: a route as its table has it. Source: what Linux 7.3 sends. */
export function writeRoute(w: Writer, kernel: Core, route: Route, shown: Shown = {}): void {
  const single = route.nexthops.length === 1
  const v4 = route.family === AF_INET
  const flags = single ? flagsOf(route.nexthops[0]) : v4 ? route.flags : 0
  const { table = route.table, iif = 0, reason } = shown
  writeHeader(w, { ...route, table, type: shown.type ?? route.type }, flags)
  w.attrU32(R.table, table)
  if (route.dstLength > 0) writeWords(w, R.dst, route.dst)
  if (v4) writeV4(w, route)
  else writeV6(w, kernel, route, iif, reason)
}

function writeV4(w: Writer, route: Route): void {
  if (route.priority !== 0) w.attrU32(R.priority, route.priority)
  writeMetrics(w, route)
  if (route.prefsrc) writeWords(w, R.prefsrc, route.prefsrc)
  writeNexthops(w, route)
  if (route.nexthops.length === 1) writeRealm(w, route.nexthops[0])
}

function writeV6(w: Writer, kernel: Core, route: Route, iif: number, reason: number | undefined): void {
  if (route.src) writeWords(w, R.src, route.src)
  if (iif !== 0) w.attrU32(R.iif, iif)
  if (route.prefsrc) writeWords(w, R.prefsrc, route.prefsrc)
  writeMetrics(w, route)
  w.attrU32(R.priority, route.priority)
  writeNexthops(w, route)
  writeCacheInfo(w, route.expires === 0 ? 0 : route.expires - ticks(kernel), 0)
  if (reason !== undefined) w.attrU32(R.delReason, reason)
  w.attrU8(R.pref, route.pref)
}
