import { ROUTE_DELETION_REASONS } from '@netkit/netlink'
import type { Core } from '../core.ts'
import type { NetNamespace } from '../namespace.ts'
import type { Route, RouteTable } from '../route.ts'
import { TICKS_PER_SECOND, ticks } from './clock.ts'
import { dropRoute, listRoutes, listTables } from './tables.ts'

/** How long after the first route that ends a namespace is looked through, and how long after that again. Source: gc_interval. */
const INTERVAL = 30 * TICKS_PER_SECOND
const NS_PER_TICK = 10_000_000n
const NEVER = Number.POSITIVE_INFINITY

const hasEnded = (route: Route, now: number): boolean => route.expires !== 0 && route.expires < now

/**
 * Removes IPv6 routes some time after they have ended; until then they are listed, but lead nowhere. As with addresses, that
 * happens when the clock says so or, at the latest, before the next request.
 */
export class RouteCollector {
  readonly #kernel: Core
  /** When each namespace is looked through next. */
  readonly #due = new Map<NetNamespace, number>()
  #task: { cancel(): void } | undefined
  #scheduled = NEVER

  constructor(kernel: Core) {
    this.#kernel = kernel
  }

  /** A route that ends is in the namespace. */
  watch(ns: NetNamespace): void {
    if (!this.#due.has(ns)) this.#due.set(ns, ticks(this.#kernel) + INTERVAL)
  }

  /** Does what is due; then has itself called for what comes next. */
  run(): void {
    if (this.#due.size === 0 && this.#scheduled === NEVER) return
    for (const ns of this.#due.keys()) if (!this.#kernel.namespaces.has(ns)) this.#due.delete(ns)
    const now = ticks(this.#kernel)
    for (let due = this.#next(); due <= now; due = this.#next()) {
      const namespaces = [...this.#due.keys()].filter((ns) => this.#due.get(ns) === due)
      for (const ns of namespaces.sort((a, b) => a.inode - b.inode)) this.#collect(ns, due)
    }
    this.#schedule()
  }

  #next(): number {
    return Math.min(NEVER, ...this.#due.values())
  }

  #collect(ns: NetNamespace, now: number): void {
    this.#due.delete(ns)
    let left = false
    for (const table of listTables(ns.ip.v6)) {
      for (const route of listRoutes(table).reverse()) {
        if (hasEnded(route, now)) this.#remove(ns, table, route)
        else left ||= route.expires !== 0
      }
    }
    if (left) this.#due.set(ns, now + INTERVAL)
  }

  /** Each way is told of, what came last first. */
  #remove(ns: NetNamespace, table: RouteTable, route: Route): void {
    dropRoute(table, route)
    this.#kernel.changes++
    for (const nexthop of route.nexthops.toReversed()) {
      const { expired: reason } = ROUTE_DELETION_REASONS
      this.#kernel.announce.route(ns, { ...route, nexthops: [nexthop] }, 'gone', { flags: 0, reason })
    }
  }

  #schedule(): void {
    const due = this.#next()
    if (due === this.#scheduled) return
    this.#task?.cancel()
    this.#scheduled = due
    this.#task = undefined
    if (due === NEVER) return
    this.#task = this.#kernel.world.schedule(BigInt(due) * NS_PER_TICK, () => {
      this.#scheduled = NEVER
      this.run()
    })
  }
}
