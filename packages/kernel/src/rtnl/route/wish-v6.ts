import { AF_INET6, errno, ROUTE, ROUTE_POLICY_V6, RT_TABLE_MAIN, RTM_F_CLONED, RTNH_F_ONLINK } from '@netkit/netlink'
import { TICKS_PER_SECOND, ticks } from '../../net/ip/clock.ts'
import { USER_METRIC } from '../../net/ip/v6-routes.ts'
import { FOREVER } from '../../net/ip-address.ts'
import type { Request } from '../../net/request.ts'
import type { NexthopWish, RouteWish } from '../../net/route-wish.ts'
import { masked, type Words } from '../../prefix/words.ts'
import { bodyOf, parseBody } from '../body.ts'
import { wordsAt } from '../words.ts'
import { checkEncap, refuseTunnel } from './encap.ts'
import { readMetrics } from './metrics.ts'
import { readNexthops } from './nexthops.ts'
import { ROUTE_HEADER_SIZE } from './wish-v4.ts'

const R = ROUTE.ids
const PREF_HIGH = 1
const PREF_LOW = 3

const found = new Int32Array(ROUTE_POLICY_V6.maxId + 1)

/** A prefix may be given with no more bytes than its length needs. */
function prefixAt(req: Request, attr: number, length: number): Words | number {
  if (attr === 0) return new Int32Array(4)
  const bytes = (length + 7) >> 3
  if (req.attrLength(attr) < bytes) return -errno.EINVAL
  return masked(wordsAt(req, attr, 4), 8 * bytes)
}

const DEVICE_ONLY = 'Device only routes can not be added for IPv6 using the multipath API.'

function v6Nexthops(req: Request, attr: number, only: NexthopWish, adds: boolean): readonly NexthopWish[] | number {
  const wishes: NexthopWish[] = []
  for (const raw of readNexthops(req, attr).list) {
    if (raw.gateway !== 0 && req.attrLength(raw.gateway) < 16) {
      return req.refuse(errno.EINVAL, 'Invalid IPv6 address in RTA_GATEWAY')
    }
    if (adds && raw.gateway === 0 && only.gateway === undefined) return req.refuse(errno.EINVAL, DEVICE_ONLY)
    wishes.push({
      oif: raw.oif !== 0 ? raw.oif : only.oif,
      gateway: raw.gateway === 0 ? only.gateway : wordsAt(req, raw.gateway, 4),
      weight: raw.weight,
      flags: only.flags | (raw.flags & RTNH_F_ONLINK),
    })
  }
  return wishes.length > 0 ? wishes : req.refuse(errno.EINVAL, 'Invalid nexthop configuration - no valid nexthops')
}

/** What an IPv6 route request wants; a negative errno where it cannot be said. `adds`: it makes a route. */
export function readV6Wish(req: Request, adds: boolean): RouteWish | number {
  const error = parseBody(req, ROUTE_HEADER_SIZE, ROUTE_POLICY_V6, found)
  if (error !== 0) return error
  const body = bodyOf(req)
  const { bytes } = req
  if (bytes[body + 3] !== 0) {
    return req.refuse(errno.EINVAL, 'Invalid dsfield (tos): option not available for IPv6')
  }
  if (found[R.flowlabel] !== 0) {
    return req.refuse(errno.EINVAL, 'Flow label cannot be specified for this operation', found[R.flowlabel])
  }
  if (found[R.via] !== 0) return req.refuse(errno.EINVAL, 'IPv6 does not support RTA_VIA attribute')
  const dst = prefixAt(req, found[R.dst], bytes[body + 1])
  const src = prefixAt(req, found[R.src], bytes[body + 2])
  if (typeof dst === 'number') return dst
  if (typeof src === 'number') return src
  const refused = checkEncap(req, found)
  if (refused !== 0) return refused
  const u32 = (id: number): number => (found[id] === 0 ? 0 : req.u32(found[id]))
  const only: NexthopWish = {
    oif: u32(R.oif) | 0,
    gateway: found[R.gateway] === 0 ? undefined : wordsAt(req, found[R.gateway], 4),
    weight: 1,
    flags: req.view.getUint32(body + 8, true) & RTNH_F_ONLINK,
  }
  const several = found[R.multipath] === 0 ? undefined : v6Nexthops(req, found[R.multipath], only, adds)
  if (typeof several === 'number') return several
  const encap = found[R.encap]
  const encapType = found[R.encapType] === 0 ? 0 : req.u16(found[R.encapType])
  const metricsAt = adds ? found[R.metrics] : 0
  const table = found[R.table] === 0 ? bytes[body + 4] : u32(R.table)
  const pref = found[R.pref] === 0 ? 0 : req.u8(found[R.pref])
  const expires = found[R.expires] === 0 ? FOREVER : req.u32(found[R.expires])
  return {
    family: AF_INET6,
    table: table || RT_TABLE_MAIN,
    anyTable: table === 0,
    dst,
    dstLength: bytes[body + 1],
    src,
    srcLength: bytes[body + 2],
    tos: 0,
    type: bytes[body + 7],
    scope: 0,
    protocol: bytes[body + 5],
    priority: u32(R.priority) || (adds ? USER_METRIC : 0),
    prefsrc: found[R.prefsrc] === 0 ? undefined : wordsAt(req, found[R.prefsrc], 4),
    flags: req.view.getUint32(body + 8, true) & RTM_F_CLONED,
    pref: pref === PREF_HIGH || pref === PREF_LOW ? pref : 0,
    expires: expires === FOREVER ? 0 : Math.max(1, ticks(req.socket.kernel) + expires * TICKS_PER_SECOND),
    only,
    tunnel: () => refuseTunnel(req, encap, encapType),
    details: () => {
      const metrics = metricsAt === 0 ? undefined : readMetrics(req, metricsAt)
      if (typeof metrics === 'number') return metrics
      return { metrics: metrics?.values, congestion: metrics?.congestion, several }
    },
    nlFlags: req.flags,
    req,
  }
}
