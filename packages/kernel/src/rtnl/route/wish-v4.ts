import { AF_INET, errno, ROUTE, ROUTE_POLICY_V4, RT_TABLE_MAIN, RTN_MAX } from '@netkit/netlink'
import { checkV4Prefix } from '../../net/ip/v4-routes.ts'
import type { Request } from '../../net/request.ts'
import type { NexthopWish, RouteDetails, RouteWish } from '../../net/route-wish.ts'
import { sameWords } from '../../prefix/words.ts'
import { bodyOf, parseBody } from '../body.ts'
import { wordsAt } from '../words.ts'
import { checkEncap, refuseTunnel } from './encap.ts'
import { readMetrics } from './metrics.ts'
import { checkLength, v4Gateway, v4Nexthops } from './nexthops.ts'

const R = ROUTE.ids
export const ROUTE_HEADER_SIZE = 12
/** Bits of the type of service that are not for routes: congestion. */
const ECN_BITS = 0x03

const found = new Int32Array(ROUTE_POLICY_V4.maxId + 1)

/** What an IPv4 route request wants; a negative errno where it cannot be said. */
export function readV4Wish(req: Request): RouteWish | number {
  const body = bodyOf(req)
  if (req.end - body < ROUTE_HEADER_SIZE) return -errno.EINVAL
  const error = parseBody(req, ROUTE_HEADER_SIZE, ROUTE_POLICY_V4, found)
  if (error !== 0) return error
  const { bytes } = req
  if ((bytes[body + 3] & ECN_BITS) !== 0) {
    return req.refuse(errno.EINVAL, 'Invalid dsfield (tos): ECN bits must be 0')
  }
  if (bytes[body + 7] > RTN_MAX) return req.refuse(errno.EINVAL, 'Invalid route type')
  const flags = req.view.getUint32(body + 8, true)
  const gateway = v4Gateway(req, found[R.gateway], found[R.via])
  if (typeof gateway === 'number') return gateway
  const u32 = (id: number): number => (found[id] === 0 ? 0 : req.u32(found[id]))
  const realm = u32(R.flow) || undefined
  const only: NexthopWish = { oif: u32(R.oif) | 0, gateway, weight: 1, flags: flags & 0xff, realm }
  const encap = found[R.encap]
  const encapType = found[R.encapType] === 0 ? 0 : req.u16(found[R.encapType])
  const metrics = found[R.metrics]
  const multipath = found[R.multipath]
  const wish: RouteWish = {
    family: AF_INET,
    table: (found[R.table] === 0 ? bytes[body + 4] : u32(R.table)) || RT_TABLE_MAIN,
    dst: found[R.dst] === 0 ? new Int32Array(1) : wordsAt(req, found[R.dst], 1),
    dstLength: bytes[body + 1],
    tos: bytes[body + 3],
    type: bytes[body + 7],
    scope: bytes[body + 6],
    protocol: bytes[body + 5],
    priority: u32(R.priority),
    prefsrc: found[R.prefsrc] === 0 ? undefined : wordsAt(req, found[R.prefsrc], 1),
    flags,
    only,
    tunnel: () => refuseTunnel(req, encap, encapType),
    details: () => detailsOf(req, only, metrics, multipath),
    nlFlags: req.flags,
    req,
  }
  return checkV4Prefix(wish) || checkEncap(req, found) || wish
}

function detailsOf(req: Request, only: NexthopWish, metricsAt: number, multipath: number): RouteDetails | number {
  const extra = multipath === 0 ? 0 : checkLength(req, multipath)
  if (extra !== 0) return extra
  const metrics = metricsAt === 0 ? undefined : readMetrics(req, metricsAt)
  if (typeof metrics === 'number') return metrics
  const several = multipath === 0 ? undefined : v4Nexthops(req, multipath)
  if (typeof several === 'number') return several
  const mismatch = several ? checkAgainst(req, only, several[0]) : 0
  return mismatch || { metrics: metrics?.values, congestion: metrics?.congestion, several }
}

/** What is said of the route as a whole must be so for the first nexthop. */
function checkAgainst(req: Request, only: NexthopWish, first: NexthopWish): number {
  if (only.oif !== 0 && only.oif !== first.oif) {
    return req.refuse(errno.EINVAL, 'Nexthop device index does not match RTA_OIF')
  }
  if (only.gateway && !sameWords(only.gateway, first.gateway)) {
    return req.refuse(errno.EINVAL, 'Nexthop gateway does not match RTA_GATEWAY or RTA_VIA')
  }
  if (only.realm !== undefined && only.realm !== first.realm) {
    return req.refuse(errno.EINVAL, 'Nexthop class id does not match RTA_FLOW')
  }
  return 0
}
