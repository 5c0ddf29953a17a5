import { errno } from '@netkit/netlink'
import type { Core } from './core.ts'
import { type Device, REGISTERED, UNREGISTERED, UNREGISTERING } from './device.ts'
import { releasePrograms } from './device-programs.ts'
import { deviceEvent } from './events.ts'
import { isReservedName } from './names.ts'
import { uninstallProviders } from './provider-clear.ts'
import type { Request } from './request.ts'
import { closeDevice } from './updown.ts'
import { removeXdp } from './xdp-attach.ts'

const ALL = 0xffff_ffff

/**
 * Enters a device into its namespace under the name that `dev.name` stands for. `ifindex`: the wanted one, 0 for the next.
 * Returns 0 or a negative errno: of the name first, then of the index. An index that was given out stays used up.
 */
export function registerDevice(kernel: Core, dev: Device, ifindex = 0): number {
  const { ns } = dev
  const result = ns.names.resolve(dev.name)
  if ('error' in result) return result.error
  if (ifindex !== 0 && ns.devices.has(ifindex)) return -errno.EBUSY
  dev.name = result.name
  dev.ifindex = ifindex !== 0 ? ifindex : ns.nextIfindex()
  if (ns.names.has(dev.name)) return -errno.EEXIST
  if (isReservedName(dev.name)) {
    // It is IP that refuses, and the netdev family has heard of the device by then.
    kernel.announce.netdev(dev, 'registered')
    kernel.announce.netdev(dev, 'unregistering')
    return -errno.EINVAL
  }
  dev.state = REGISTERED
  ns.insert(dev)
  ns.names.add(dev.name, dev)
  kernel.changes++
  deviceEvent(kernel, dev, 'registered')
  if (!dev.announceLater) kernel.announce.link(dev, { change: ALL })
  return 0
}

/** What devices that go have to be told about, and by whom it was asked. */
export interface UnregisterOptions {
  /** The request whose sender may want to hear it. */
  readonly req?: Request
}

/** Devices that are changed under a lock of their own: those with queue management, and some more. */
export const hasOwnLock = ({ driver }: Device): boolean =>
  driver.queueManagement !== undefined || driver.createQueue !== undefined || driver.ownLock === true

/**
 * Takes devices down, together: all are closed first, those with a lock of their own before the others, then leave their namespaces, then are announced as gone one by one.
 * Devices that must go along (netkit devices that lease from a NIC) are taken down in the middle, before their cause is
 * announced as gone.
 */
export function unregisterDevices(kernel: Core, list: readonly Device[], options: UnregisterOptions = {}): void {
  const devices = list.filter((dev) => dev.state === REGISTERED)
  const { deviceLocks } = kernel.release.does
  for (const locked of [true, false]) {
    for (const dev of devices) {
      if (dev.up && (deviceLocks && hasOwnLock(dev)) === locked) closeDevice(kernel, dev, { gone: true })
    }
  }
  for (const dev of devices) {
    removeFromNamespace(dev)
    dev.state = UNREGISTERING
  }
  for (const dev of devices) {
    removeXdp(kernel, dev)
    uninstallProviders(dev)
    const doomed: Device[] = []
    deviceEvent(kernel, dev, 'unregistering', doomed)
    if (doomed.length > 0) unregisterDevices(kernel, doomed)
    dev.qdisc = 'noop'
    // Nobody was told of a device that fails while it is made.
    const tell = dev.announceLater ? undefined : kernel.announce.linkGone(dev, { change: ALL, req: options.req })
    dev.driver.uninit?.(kernel, dev)
    releasePrograms(dev)
    kernel.linkWatch.forget(dev)
    tell?.()
    kernel.path.forget(dev)
    dev.state = UNREGISTERED
    kernel.changes++
  }
}

/** Takes a device off the lists of its namespace. */
export function removeFromNamespace(dev: Device): void {
  const { ns } = dev
  ns.remove(dev)
  ns.names.delete(dev.name)
  for (const name of dev.altNames ?? []) ns.names.delete(name)
}

/** Enters a device that keeps its name and index into another namespace. */
export function addToNamespace(dev: Device): void {
  const { ns } = dev
  ns.insert(dev)
  ns.names.add(dev.name, dev)
  for (const name of dev.altNames ?? []) ns.names.add(name, dev)
}
