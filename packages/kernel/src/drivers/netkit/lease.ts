import { errno } from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import type { DeviceEvent } from '../../net/driver.ts'
import { leasedTo, unlease } from '../../net/lease.ts'
import type { Request } from '../../net/request.ts'
import { dellinkPair } from '../pair.ts'
import { netkitDriver } from './netkit.ts'
import { SAYS } from './says.ts'
import { netkitState, PAIRING_PAIR } from './state.ts'

/** Adds a receive queue to lease one for. Source: spec 01 §4.4, rows 24 and 25. */
export function createLeasedQueue(dev: Device, req: Request): number {
  const state = netkitState(dev)
  if (state.pairing === PAIRING_PAIR && state.primary) return req.refuse(errno.EOPNOTSUPP, SAYS.leasePeerOnly)
  const index = dev.realRxQueues
  if (index + 1 > dev.numRxQueues) return req.refuse(errno.EINVAL, SAYS.queueLimit)
  dev.realRxQueues = index + 1
  return index
}

/** The queues of a device that goes are released in ascending order. */
export function releaseLeases(kernel: Core, dev: Device): void {
  for (let index = 1; index < dev.realRxQueues; index++) {
    const queue = dev.boundRxQueue(index)
    if (queue) unlease(kernel, queue)
  }
}

/** A physical device that is unplugged takes along every netkit device that leases from it, and its peer. */
export function lessorEvent(_kernel: Core, dev: Device, event: DeviceEvent, doomed: Device[]): void {
  if (event !== 'unregistering' || dev.parent === undefined) return
  for (let index = 0; index < dev.realRxQueues; index++) {
    const lessee = leasedTo(dev, index)?.device
    if (lessee && lessee.driver === netkitDriver && !doomed.includes(lessee)) dellinkPair(lessee, doomed)
  }
}
