import { errno, ROUTE } from '@netkit/netlink'
import type { Request } from '../../net/request.ts'

const R = ROUTE.ids

const LWTUNNEL_ENCAP_MAX = 10
/** Kinds of tunnels that a kernel has as modules, if at all: ILA, IOAM6, XFRM. */
const MODULES: ReadonlySet<number> = new Set([3, 9, 10])
const NOT_SUPPORTED = 'lwt encapsulation type not supported'

/** Refuses the tunnel of a nexthop, if there is one: there are no tunnels in routes. `type` is checked already. */
export function refuseTunnel(req: Request, encap: number, type: number): number {
  if (encap === 0) return 0
  return type === 0
    ? req.refuse(errno.EINVAL, 'Unknown LWT encapsulation type', encap)
    : req.refuse(errno.EOPNOTSUPP, NOT_SUPPORTED)
}

/** Nexthop objects are not there, nor are tunnels. The type of a tunnel alone means nothing, but is checked. */
export function checkEncap(req: Request, found: Int32Array): number {
  const typeAt = found[R.encapType]
  const type = typeAt === 0 ? 0 : req.u16(typeAt)
  if (typeAt !== 0 && (type === 0 || type > LWTUNNEL_ENCAP_MAX)) {
    return req.refuse(errno.EINVAL, 'Unknown lwt encapsulation type')
  }
  if (MODULES.has(type)) return req.refuse(errno.EOPNOTSUPP, NOT_SUPPORTED)
  if (found[R.nhId] !== 0 && req.u32(found[R.nhId]) !== 0) {
    if (found[R.oif] !== 0 || found[R.gateway] !== 0 || found[R.via] !== 0 || found[R.multipath] !== 0) {
      return req.refuse(errno.EINVAL, 'Nexthop specification and nexthop id are mutually exclusive')
    }
    return req.refuse(errno.EINVAL, 'Nexthop id does not exist')
  }
  return 0
}
