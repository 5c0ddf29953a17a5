import type { Core } from './core.ts'
import type { Device } from './device.ts'
import { clearProvider } from './provider-clear.ts'
import type { RxQueue } from './queue.ts'

/** Ties a physical queue to a virtual one. */
export function lease(virtual: RxQueue, physical: RxQueue): void {
  virtual.lease = physical
  physical.lease = virtual
  physical.device.driver.onLease?.(physical)
}

/**
 * Ends a lease, from either side. Whatever read the physical queue without copies did so through the lease: the queue goes back
 * to memory of its own, and the provider is told. Source: spec 01 §5.3, spec 03 §1.6 D5.
 */
export function unlease(kernel: Core, queue: RxQueue): void {
  const other = queue.lease
  if (!other) return
  const [physical, virtual] = queue.device.parent !== undefined ? [queue, other] : [other, queue]
  const provider = physical.memoryProvider
  if (provider) {
    clearProvider(kernel, physical)
    provider.uninstall(virtual)
  }
  virtual.lease = undefined
  physical.lease = undefined
  physical.xskPool = undefined
  physical.device.driver.onLease?.(physical)
}

/** The queue at the other end of a lease of `dev`'s active queue `index`. */
export function leasedTo(dev: Device, index: number): RxQueue | undefined {
  return index < dev.realRxQueues ? dev.boundRxQueue(index)?.lease : undefined
}

/** Why a receive queue can neither be leased nor taken away: what the kernel says, or undefined. Source: spec 01 §4.4, §4.11. */
export function whyBusy(queue: RxQueue | undefined): string | undefined {
  if (!queue) return undefined
  if (queue.xskPool) return 'Device queue in use by AF_XDP'
  if (queue.lease) return 'Device queue in use due to queue leasing'
  if (queue.memoryProvider) return 'Device queue in use by memory provider'
  return undefined
}

/** The queue whose memory, sockets and DMA count for `queue`: the physical one behind a leased virtual one, else itself. */
export function backing(queue: RxQueue): RxQueue {
  return queue.lease !== undefined && queue.device.parent === undefined ? queue.lease : queue
}

/** One more than the highest receive queue with a memory provider; 0 if there is none. */
export function highestProvided(dev: Device): number {
  for (let index = dev.realRxQueues; index > 0; index--) if (dev.boundRxQueue(index - 1)?.memoryProvider) return index
  return 0
}
