import { RTNH_F_DEAD, RTNH_F_LINKDOWN } from '@netkit/netlink'
import type { Nexthop, Route } from '../route.ts'
import type { Flow, Found } from './flow.ts'

const HASH_RANGE = 0x8000_0000

/** Takes the first route to a prefix that a packet can take, as IPv4 does. False: none. */
export function pickV4(set: readonly Route[], flow: Flow, found: Found): boolean {
  for (const route of set) {
    if (route.tos !== 0 && route.tos !== flow.tos) continue
    if (route.scope < flow.scope || (route.flags & RTNH_F_DEAD) !== 0) continue
    const { nexthops } = route
    if (nexthops.length === 1) {
      const [nexthop] = nexthops
      if (!leads(nexthop, flow)) continue
      found.route = route
      found.nexthop = nexthop
      return true
    }
    const nexthop = among(nexthops, flow)
    if (nexthop === undefined) continue
    found.route = route
    found.nexthop = nexthop
    return true
  }
  return false
}

/** Whether a nexthop is alive and leads where the packet must go. */
const leads = (nexthop: Nexthop, flow: Flow): boolean =>
  (nexthop.flags & RTNH_F_DEAD) === 0 &&
  (flow.oif === 0 || flow.anyDevice || nexthop.device === undefined || nexthop.device.ifindex === flow.oif)

/** One of several nexthops, by the flow's hash and their weights. Those without carrier are taken when there are no others. */
export function among(nexthops: readonly Nexthop[], flow: Flow): Nexthop | undefined {
  let total = 0
  let last: Nexthop | undefined
  for (const nexthop of nexthops) {
    if (!leads(nexthop, flow)) continue
    last ??= nexthop
    if ((nexthop.flags & RTNH_F_LINKDOWN) === 0) total += nexthop.weight
  }
  if (total === 0) return last
  let left = (flow.hash / HASH_RANGE) * total
  for (const nexthop of nexthops) {
    if (!leads(nexthop, flow) || (nexthop.flags & RTNH_F_LINKDOWN) !== 0) continue
    left -= nexthop.weight
    if (left < 0) return nexthop
  }
  return last
}
