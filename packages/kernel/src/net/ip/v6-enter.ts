import { errno, NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '@netkit/netlink'
import { hasPrefix, sameWords } from '../../prefix/words.ts'
import type { Request } from '../request.ts'
import type { Nexthop, Route, RouteTable } from '../route.ts'
import { refuse } from './refuse.ts'
import { dropRoute, putRoute } from './tables.ts'

export const sameWay = (a: Nexthop, b: Nexthop): boolean => a.device === b.device && sameWords(a.gateway, b.gateway)
const sameSource = (a: Route, b: Route): boolean => a.srcLength === b.srcLength && sameWords(a.src, b.src)
/** Only routes through gateways share the way with others. */
const canShare = (route: Route): boolean => route.nexthops[0].gateway !== undefined

/** How one way was added: beside others, in their place, or as a route of its own. */
interface Added {
  readonly route: Route
  readonly flags: number
}

/** Enters one way of a route. `nlFlags`: undefined where nobody asked, and nothing stands in the way. */
export function enterV6(
  table: RouteTable,
  route: Route,
  nlFlags: number | undefined,
  req: Request | undefined,
): Added | number {
  const set = table.prefixes.get(route.dst, route.dstLength) ?? []
  const near = set.filter((one) => sameSource(one, route))
  const flags = nlFlags ?? NLM_F_CREATE
  const replace = (flags & NLM_F_REPLACE) !== 0
  if (replace && (flags & NLM_F_CREATE) === 0 && near.length === 0 && !isKnown(table, route)) {
    return refuse(req, errno.ENOENT, 'Can not replace route - no match found')
  }
  const rivals = near.filter((one) => one.priority === route.priority)
  if (rivals.length > 0 && (flags & NLM_F_EXCL) !== 0) return -errno.EEXIST
  if (replace) return enterInstead(table, { set, near, rivals }, route, flags)
  for (const rival of rivals) {
    if (!rival.nexthops.some((nexthop) => sameWay(nexthop, route.nexthops[0]))) continue
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
  putRoute(table, route, placeOf(set, near, route))
  return { route, flags: told }
}

/** Linux's tree has a place for the prefix, though no route: at its root, and where the ways of two other routes part. */
function isKnown(table: RouteTable, { dst, dstLength, srcLength }: Route): boolean {
  if (srcLength > 0) return false
  if (dstLength === 0) return true
  const sides = new Set<number>()
  for (const [other] of table.prefixes.values()) {
    if (other.dstLength <= dstLength || !hasPrefix(other.dst, dst, dstLength)) continue
    sides.add((other.dst[dstLength >> 5] >>> (31 - (dstLength & 31))) & 1)
  }
  return sides.size === 2
}

function enterInstead(
  table: RouteTable,
  { set, near, rivals }: Record<'set' | 'near' | 'rivals', readonly Route[]>,
  route: Route,
  flags: number,
): Added | number {
  const old = rivals.find((one) => canShare(one) === canShare(route)) ?? rivals[0]
  if (old === undefined) {
    if ((flags & NLM_F_CREATE) === 0) return -errno.ENOENT
    putRoute(table, route, placeOf(set, near, route))
    const appended = (flags & NLM_F_APPEND) !== 0 ? NLM_F_APPEND : 0
    return { route, flags: NLM_F_CREATE | NLM_F_EXCL | appended }
  }
  const at = set.indexOf(old)
  dropRoute(table, old)
  putRoute(table, route, at)
  return { route, flags: NLM_F_REPLACE }
}

/** Behind those of the same source with no greater metric. Routes by the longest source come first, those by none last. */
function placeOf(set: readonly Route[], near: readonly Route[], route: Route): number {
  const above = near.find((one) => one.priority > route.priority)
  if (above !== undefined) return set.indexOf(above)
  const last = near.at(-1)
  if (last !== undefined) return set.indexOf(last) + 1
  const at = set.findIndex((one) => one.srcLength < route.srcLength)
  return at < 0 ? set.length : at
}
