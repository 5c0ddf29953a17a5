import { RTNH_F_DEAD } from '@netkit/netlink'
import { hasPrefix, sameWords } from '../../prefix/words.ts'
import type { Nexthop, Route } from '../route.ts'
import type { Flow, Found } from './flow.ts'
import { among } from './pick-v4.ts'

/** What speaks for a nexthop: the preference among routers, then that it leads out of the device that was asked for. */
const RIGHT_DEVICE = 1
/** By RTA_PREF: medium, high, none, low. */
const PREFERENCE = [4, 6, 0, 2]

/**
 * Takes, of the routes to a prefix with the least metric that can be taken at all, the best one, as IPv6 does. Routes by source
 * come first in `set`: the longest that fits is asked before those by none, and where none fits only the default ones are. False: none.
 */
export function pickV6(set: readonly Route[], flow: Flow, found: Found): boolean {
  const bySource = set[0].src !== undefined
  let fits = !bySource || set[0].dstLength === 0
  let best = -1
  for (const route of set) {
    if (
      best >= 0 &&
      (route.priority !== (found.route as Route).priority || !sameWords(route.src, (found.route as Route).src))
    )
      break
    if (route.src === undefined) {
      if (!fits) continue
    } else if (hasPrefix(flow.src, route.src, route.srcLength)) fits = true
    else continue
    for (const nexthop of route.nexthops) {
      const score = scoreOf(route, nexthop, flow)
      if (score <= best) continue
      best = score
      found.route = route
      found.nexthop = nexthop
    }
  }
  if (best < 0) return false
  const { nexthops } = found.route as Route
  if (nexthops.length > 1 && flow.oif === 0) found.nexthop = among(nexthops, flow) ?? found.nexthop
  return true
}

function scoreOf(route: Route, nexthop: Nexthop, flow: Flow): number {
  if ((nexthop.flags & RTNH_F_DEAD) !== 0 || (route.expires !== 0 && route.expires < flow.now)) return -1
  const wanted = flow.oif !== 0 ? flow.oif : flow.link
  const right = wanted === 0 || nexthop.device?.ifindex === wanted
  if (!right && flow.strictOif) return -1
  return (right ? RIGHT_DEVICE : 0) + PREFERENCE[route.pref & 3]
}
