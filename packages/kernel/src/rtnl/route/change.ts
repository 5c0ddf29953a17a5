import { errno } from '@netkit/netlink'
import { addV4Route, deleteV4Route } from '../../net/ip/v4-routes.ts'
import { addV6Route, deleteV6Route } from '../../net/ip/v6-routes.ts'
import type { Request } from '../../net/request.ts'
import { readV4Wish } from './wish-v4.ts'
import { readV6Wish } from './wish-v6.ts'

const NO_TABLE = 'FIB table does not exist'

/** RTM_NEWROUTE of IPv4. */
export function newV4Route(req: Request): number {
  const wish = readV4Wish(req)
  return typeof wish === 'number' ? wish : addV4Route(req.socket.kernel, req.ns, wish)
}

/** RTM_DELROUTE of IPv4. */
export function delV4Route(req: Request): number {
  const wish = readV4Wish(req)
  if (typeof wish === 'number') return wish
  const table = req.ns.ip.v4.tables.get(wish.table)
  if (!table) return req.refuse(errno.ESRCH, NO_TABLE)
  return deleteV4Route(req.socket.kernel, req.ns, table, wish)
}

/** RTM_NEWROUTE of IPv6. */
export function newV6Route(req: Request): number {
  const wish = readV6Wish(req, true)
  return typeof wish === 'number' ? wish : addV6Route(req.socket.kernel, req.ns, wish)
}

/** RTM_DELROUTE of IPv6. */
export function delV6Route(req: Request): number {
  const wish = readV6Wish(req, false)
  if (typeof wish === 'number') return wish
  const table = req.ns.ip.v6.tables.get(wish.table)
  if (!table) return req.refuse(errno.ESRCH, NO_TABLE)
  return deleteV6Route(req.socket.kernel, req.ns, table, wish)
}
