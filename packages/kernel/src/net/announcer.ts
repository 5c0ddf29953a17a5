import type { Device } from './device.ts'
import type { DeviceEvent } from './driver.ts'
import type { V4Address, V6Address } from './ip-address.ts'
import type { NetNamespace } from './namespace.ts'
import type { Neighbour } from './neighbour.ts'
import type { PagePool } from './page-pool.ts'
import type { Request } from './request.ts'
import type { Route, Rule } from './route.ts'

/** What a link notification says besides the state of the device. */
export interface LinkNotice {
  readonly change: number
  readonly event?: number
  readonly newNetnsid?: number
  readonly newIfindex?: number
  /** The request that causes it, if it may be echoed to its sender. */
  readonly req?: Request
}

/** What a route notification says besides the route. */
export interface RouteNotice {
  readonly req?: Request
  /** NLM_F_* of the message: how the route came to be there. */
  readonly flags: number
  /** RTA_DEL_REASON: why the kernel removed it, where that is told. */
  readonly reason?: number
}

/** Tells those outside what happens to devices and namespaces. */
export interface Announcer {
  /** The present state of a registered device. */
  link(dev: Device, notice: LinkNotice): void
  /** A device is leaving: the message is made now and sent by the function that is returned. */
  linkGone(dev: Device, notice: LinkNotice): () => void
  nsid(ns: NetNamespace, event: 'new' | 'gone', nsid: number, req?: Request): void
  /** An address of a device. */
  address(dev: Device, address: V4Address | V6Address, event: 'new' | 'gone', req?: Request): void
  route(ns: NetNamespace, route: Route, event: 'new' | 'gone', notice: RouteNotice): void
  neighbour(neighbour: Neighbour, event: 'new' | 'gone', req?: Request): void
  rule(ns: NetNamespace, rule: Rule, event: 'new' | 'gone', req?: Request): void
  /** What clients of the netdev family hear of devices. */
  netdev(dev: Device, event: DeviceEvent): void
  /** Offloads of a device that have changed. */
  features(dev: Device): void
  pagePool(pool: PagePool, event: 'add' | 'del' | 'change'): void
}
