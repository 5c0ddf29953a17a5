import { RT_SCOPE_NOWHERE, RT_TABLE_MAIN, RTNH_F_DEAD, RTNH_F_LINKDOWN } from '@netkit/netlink'
import { compareWords } from '../../prefix/words.ts'
import type { Core } from '../core.ts'
import type { Device } from '../device.ts'
import type { NetNamespace } from '../namespace.ts'
import type { Route } from '../route.ts'
import { dropRoute, listRoutes } from './tables.ts'

/** Removes routes whose nexthops are dead. Nobody is told: IPv4 leaves it to its listeners to know what goes with a device. */
function flush(kernel: Core, ns: NetNamespace, isDead: (route: Route) => boolean): void {
  for (const table of ns.ip.v4.tables.values()) {
    for (const route of listRoutes(table)) {
      if (!isDead(route)) continue
      dropRoute(table, route)
      kernel.changes++
    }
  }
}

/** An address is gone: routes of the main table that send from it go, too, and are told of, the last address first. */
export function flushBySource(kernel: Core, ns: NetNamespace, source: number): void {
  const main = ns.ip.v4.tables.get(RT_TABLE_MAIN)
  if (main === undefined) return
  for (const route of listRoutes(main).sort((a, b) => compareWords(b.dst, a.dst))) {
    if (route.prefsrc?.[0] !== source) continue
    route.flags |= RTNH_F_DEAD
    dropRoute(main, route)
    kernel.changes++
    kernel.announce.route(ns, route, 'gone', { flags: 0 })
  }
}

/** IPv4 has no business on a device any more: its routes go, and its neighbours. `forced`: also routes to our own addresses. */
export function disableV4(kernel: Core, dev: Device, why: 'down' | 'gone', forced: boolean): void {
  deviceDown(kernel, dev, why, forced)
  forgetNeighbours(kernel, dev, false)
}

/** Neighbours and proxies of a family go with what they are reached by. */
export function forgetNeighbours(kernel: Core, dev: Device, v6: boolean): void {
  const table = kernel.neighbours(v6)
  table.flush(dev, true)
  table.proxies.forget(dev, true)
}

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
