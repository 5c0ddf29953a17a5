import type { Core } from '../net/core.ts'
import type { Device } from '../net/device.ts'
import type { DeviceEvent, DriverHooks } from '../net/driver.ts'
import { dummyDriver } from './dummy/dummy.ts'
import { netkitDriver } from './netkit/netkit.ts'
import { netdevsimKind } from './nic/kind.ts'
import { vethDriver } from './veth/veth.ts'

/** The kinds that rtnetlink can make. One line more is all that a new kind needs here. */
const KINDS: readonly DriverHooks[] = [netkitDriver, vethDriver, dummyDriver, netdevsimKind]

/** Drivers by the kind of their devices, and who wants to know what happens to devices. */
export class DriverRegistry {
  readonly #kinds = new Map<string, DriverHooks>()
  readonly #watchers: DriverHooks[] = []

  constructor() {
    for (const driver of KINDS) {
      if (driver.kind !== undefined) this.#kinds.set(driver.kind, driver)
      if (driver.onDeviceEvent) this.#watchers.push(driver)
    }
  }

  byKind(kind: string): DriverHooks | undefined {
    return this.#kinds.get(kind)
  }

  /** Tells drivers what happened. They put devices that must go along on the list. */
  tell(kernel: Core, dev: Device, event: DeviceEvent, doomed: Device[]): void {
    for (const driver of this.#watchers) driver.onDeviceEvent?.(kernel, dev, event, doomed)
  }
}
