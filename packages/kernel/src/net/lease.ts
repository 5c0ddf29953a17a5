import type { Device } from './device.ts'
import type { RxQueue } from './queue.ts'

/** Ties a physical queue to a virtual one. */
export function lease(virtual: RxQueue, physical: RxQueue): void {
  virtual.lease = physical
  physical.lease = virtual
  physical.device.driver.onLease?.(physical)
}

/** Ends a lease, from either side. */
export function unlease(queue: RxQueue): void {
  const other = queue.lease
  if (!other) return
  queue.lease = undefined
  other.lease = undefined
}

/** The queue at the other end of a lease of `dev`'s active queue `index`. */
export function leasedTo(dev: Device, index: number): RxQueue | undefined {
  return index < dev.realRxQueues ? dev.boundRxQueue(index)?.lease : undefined
}
