import { type GenlCommand, NETDEV } from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import type { DeviceEvent } from '../../net/driver.ts'
import type { PagePool } from '../../net/page-pool.ts'
import type { Registered } from '../call.ts'
import { notify } from '../notify.ts'
import { writeDevice } from './device.ts'
import { writePagePool } from './page-pool.ts'

const { commands } = NETDEV

const DEVICE_COMMAND: Readonly<Record<DeviceEvent, GenlCommand>> = {
  registered: commands.devAddNtf,
  arrived: commands.devAddNtf,
  unregistering: commands.devDelNtf,
  left: commands.devDelNtf,
  features: commands.devChangeNtf,
}

/** Group `mgmt`: devices that come, go, or change what they can do. */
export function announceDevice(kernel: Core, family: Registered, dev: Device, event: DeviceEvent): void {
  notify(kernel, dev.ns, family, 'mgmt', DEVICE_COMMAND[event], 0, (w) => writeDevice(w, dev))
}

const POOL_COMMAND = {
  add: commands.pagePoolAddNtf,
  del: commands.pagePoolDelNtf,
  change: commands.pagePoolChangeNtf,
} as const

/** Group `page-pool`. */
export function announcePagePool(
  kernel: Core,
  family: Registered,
  pool: PagePool,
  event: keyof typeof POOL_COMMAND,
): void {
  if (pool.device)
    notify(kernel, pool.device.ns, family, 'page-pool', POOL_COMMAND[event], 0, (w) => writePagePool(w, pool))
}
