import { errno, ROUTE } from '@netkit/netlink'
import type { Request } from '../../net/request.ts'

const R = ROUTE.ids

/** Tunnels in routes and nexthop objects are not there: as in a kernel that was built without the former. */
export function checkEncap(req: Request, found: Int32Array): number {
  if (found[R.encapType] !== 0 && req.u16(found[R.encapType]) !== 0) {
    return req.refuse(errno.EOPNOTSUPP, 'lwtunnel encap type not supported')
  }
  if (found[R.nhId] !== 0 && req.u32(found[R.nhId]) !== 0) {
    if (found[R.oif] !== 0 || found[R.gateway] !== 0 || found[R.via] !== 0 || found[R.multipath] !== 0) {
      return req.refuse(errno.EINVAL, 'Nexthop specification and nexthop id are mutually exclusive')
    }
    return req.refuse(errno.EINVAL, 'Nexthop id does not exist')
  }
  return 0
}
