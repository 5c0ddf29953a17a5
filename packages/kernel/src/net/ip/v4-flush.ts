import { RT_SCOPE_NOWHERE, RT_TABLE_MAIN, RTNH_F_DEAD, RTNH_F_LINKDOWN } from '@netkit/netlink'
import type { Core } from '../core.ts'
import type { Device } from '../device.ts'
import type { NetNamespace } from '../namespace.ts'
import type { Route } from '../route.ts'
import { dropRoute, listRoutes } from './tables.ts'

/** Removes dead routes. Nobody is told: IPv4 leaves it to its listeners to know what goes with a device. */
function flush(kernel: Core, ns: NetNamespace, isDead: (route: Route) => boolean): void {
  for (const table of ns.ip.v4.tables.values()) {
    for (const route of listRoutes(table)) {
      if (!isDead(route)) continue
      dropRoute(table, route)
      kernel.changes++
    }
  }
}

/** An address is gone: routes of the main table that send from it go, too. */
export const flushBySource = (kernel: Core, ns: NetNamespace, source: number): void =>
  flush(kernel, ns, (route) => route.table === RT_TABLE_MAIN && route.prefsrc?.[0] === source)

/**
 * A device goes down or loses its carrier: nexthops are marked, and routes without any nexthop left go. Routes to addresses
 * of our own stay as long as the addresses do. `forced`: these, too.
 */
export function deviceDown(kernel: Core, dev: Device, why: 'down' | 'gone' | 'carrier', forced: boolean): void {
  const mark = why === 'carrier' ? RTNH_F_LINKDOWN : RTNH_F_DEAD | RTNH_F_LINKDOWN
  const touched = (route: Route): boolean => {
    let hit = false
    for (const nexthop of route.nexthops) {
      if (nexthop.device !== dev || (!forced && nexthop.scope === RT_SCOPE_NOWHERE)) continue
      if ((nexthop.flags & RTNH_F_DEAD) !== 0 && why !== 'gone') continue
      nexthop.flags |= mark
      hit = true
    }
    if (!hit) return false
    const all = why === 'gone' && route.nexthops.length > 1
    if (!all && !route.nexthops.every(({ flags }) => (flags & mark) === mark)) return false
    route.flags |= mark
    return why !== 'carrier'
  }
  flush(kernel, dev.ns, touched)
}

/** A device is up, or has its carrier, again: nexthops that were marked live. */
export function deviceBack(kernel: Core, dev: Device, mark: number): void {
  if (!dev.up) return
  const clear = (mark & RTNH_F_DEAD) !== 0 && dev.carrier ? mark | RTNH_F_LINKDOWN : mark
  for (const table of dev.ns.ip.v4.tables.values()) {
    for (const route of listRoutes(table)) {
      let alive = 0
      for (const nexthop of route.nexthops) {
        if (nexthop.device === dev && (nexthop.flags & mark) !== 0) {
          nexthop.flags &= ~clear
          kernel.changes++
        }
        if ((nexthop.flags & mark) === 0) alive++
      }
      if (alive > 0) route.flags &= ~clear
    }
  }
}
