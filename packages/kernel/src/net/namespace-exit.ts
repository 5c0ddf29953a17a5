import type { Core } from './core.ts'
import type { Device } from './device.ts'
import { moveDevice } from './move.ts'
import type { NetNamespace } from './namespace.ts'
import { forgetNamespace } from './nsid.ts'
import { unregisterDevices } from './register.ts'

/**
 * A namespace that nobody holds goes: others forget its id, physical devices return to the initial namespace, the rest is
 * deleted, last registered first. `leave`: hardware that is at home there goes, wherever its devices are. Source: spec 01 §2.13.
 */
export function takeDownNamespace(kernel: Core, ns: NetNamespace, leave: () => void): void {
  ns.alive = false
  forgetNamespace(kernel, ns)
  leave()
  for (const dev of [...ns.devices.values()]) {
    if (dev.netnsImmutable || dev.driver.kind !== undefined) continue
    const names = kernel.initialNs.names
    const name = names.has(dev.name) && !names.has(`dev${dev.ifindex}`) ? `dev${dev.ifindex}` : 'dev%d'
    // Alternative names that are taken there are lost: nothing may keep it here.
    for (const alt of dev.altNames ?? []) if (names.has(alt)) ns.names.delete(alt)
    dev.altNames = dev.altNames?.filter((alt) => !names.has(alt))
    moveDevice(kernel, dev, { to: kernel.initialNs, name })
  }
  const doomed: Device[] = []
  for (const dev of [...ns.devices.values()].reverse()) {
    if (dev.driver.dellink) dev.driver.dellink(dev, doomed)
  }
  unregisterDevices(kernel, doomed)
  const loopback = [...ns.devices.values()]
  unregisterDevices(kernel, loopback)
  ns.loopback = undefined
}
