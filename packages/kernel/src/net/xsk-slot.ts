import { errno } from '@netkit/netlink'
import type { Device } from './device.ts'
import type { XskPool } from './xsk.ts'

/** Pools on queues that a device only sends by, by index. */
const sendOnly = new WeakMap<Device, Map<number, XskPool>>()

/** The pool in a device's own slot for a queue, receiving or sending. */
export const poolAt = (dev: Device, queue: number): XskPool | undefined =>
  dev.boundRxQueue(queue)?.xskPool ?? sendOnly.get(dev)?.get(queue)

/** Whether a device's own slot is taken: this look does not follow leases. */
export const isOccupied = (dev: Device, queue: number): boolean => poolAt(dev, queue) !== undefined

/**
 * Puts a pool into the slot of a queue, or of the physical one behind it; 0, EINVAL for a queue that is not in use, EBUSY for one that
 * is leased out or taken. Source: spec 03 §5.2, rows 13 to 15.
 */
export function claimSlot(dev: Device, queue: number, pool: XskPool): number {
  if (queue >= Math.max(dev.realRxQueues, dev.realTxQueues)) return -errno.EINVAL
  const lease = dev.boundRxQueue(queue)?.lease
  if (lease && dev.parent !== undefined) return -errno.EBUSY
  const at = lease ?? { device: dev, index: queue }
  if (isOccupied(at.device, at.index)) return -errno.EBUSY
  setSlot(at.device, at.index, pool)
  return 0
}

/** Frees the slot that the pool is in, if it is there. */
export function clearSlot(dev: Device, queue: number, pool: XskPool): void {
  const lease = dev.boundRxQueue(queue)?.lease
  const at = lease && dev.parent === undefined ? lease : { device: dev, index: queue }
  if (poolAt(at.device, at.index) === pool) setSlot(at.device, at.index, undefined)
}

function setSlot(dev: Device, index: number, pool: XskPool | undefined): void {
  const rx = dev.rxQueue(index)
  if (rx) {
    rx.xskPool = pool
    return
  }
  let pools = sendOnly.get(dev)
  if (!pools) {
    pools = new Map()
    sendOnly.set(dev, pools)
  }
  if (pool) pools.set(index, pool)
  else pools.delete(index)
}
