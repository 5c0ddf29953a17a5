import { errno } from '@netkit/netlink'
import type { Request } from '../../net/request.ts'

const AGGREGATE = 0

/** Counters of one of the two MACs that share a cable: no device here has two. `source`: the attribute that says of which, or 0. */
export const checkSource = (req: Request, source: number): number =>
  source === 0 || req.u32(source) === AGGREGATE
    ? 0
    : req.refuse(errno.EOPNOTSUPP, 'ethtool_nl: Device does not support MAC merge layer')
