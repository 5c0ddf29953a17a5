import type { Device } from './device.ts'
import type { V6Address } from './ip-address.ts'
import type { NetNamespace } from './namespace.ts'

/** What IP does about what happens to a device, when everyone else was told. */
export interface IpHooks {
  up(dev: Device): void
  down(dev: Device): void
  /** The state of the link was looked at again. */
  change(dev: Device): void
  /** The MTU was changed; `dev.inet` says which families are still there. */
  mtu(dev: Device): void
  /** A device that is up has changed in something that everyone is told of. */
  touched?(dev: Device): void
  /** It has another hardware address. */
  readdressed?(dev: Device): void
  renamed(dev: Device): void
  /** It leaves its namespace, for another one or for good. */
  leaving(dev: Device): void
  /** Something about the lifetimes of a device's addresses has changed. */
  watch(dev: Device): void
  /** An address was added that somebody else might have: it is looked for after the request. */
  start(dev: Device, address: V6Address): void
  /** A route that ends was added. */
  watchRoutes(ns: NetNamespace): void
  /** Does what is due by the clock. Before and after each request. */
  run(): void
  /** Asks the link whether anybody has an address. Absent: nobody is asked. */
  probe?(dev: Device, address: V6Address): void
}
