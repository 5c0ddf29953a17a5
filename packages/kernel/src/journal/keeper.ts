import type { Kernel } from '../kernel.ts'
import { Device } from '../net/device.ts'
import type { DriverHooks } from '../net/driver.ts'
import type { NetNamespace } from '../net/namespace.ts'
import { type Fields, fieldsToPlain, fillFields, type Resolver } from './plain.ts'

/** How devices of one driver are kept in a snapshot and made from it. */
export interface Keeper {
  /** What snapshots call the driver. */
  readonly name: string
  readonly driver: DriverHooks
  /** A device with nothing but its driver's constants, not registered. */
  make(kernel: Kernel, ns: NetNamespace, queues: number): Device
  /** The driver's own state. `like`: one that `make` made; what is the same there need not be kept. */
  save(dev: Device, like: Device): Fields | undefined
  /** First of all, before any device has its state. */
  begin?(kernel: Kernel, dev: Device, own: Fields, resolver: Resolver): void
  /** When the device has what all devices have. */
  restore(kernel: Kernel, dev: Device, own: Fields, resolver: Resolver): void
  /** When all is restored. */
  finish?(kernel: Kernel, dev: Device): void
}

/** Keeps devices whose own state is plain data: whatever their driver puts there, today and tomorrow. */
export const plainKeeper = (name: string, driver: DriverHooks): Keeper => ({
  name,
  driver,
  make(kernel, ns) {
    const dev = new Device(driver, ns, '', driver.makePriv?.(kernel))
    driver.setup(dev, kernel.release)
    return dev
  },
  save(dev, like) {
    if (typeof dev.priv !== 'object' || dev.priv === null) return undefined
    return fieldsToPlain(dev.priv, dev.name, undefined, like.priv as object)
  },
  restore(_kernel, dev, own, resolver) {
    fillFields(dev.priv as object, own, resolver)
  },
})
