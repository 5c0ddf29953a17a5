import type { Core } from './core.ts'
import type { Device } from './device.ts'
import type { RxQueue } from './queue.ts'
import { reconfigureQueue } from './reconfigure.ts'

/** Takes its provider from a physical queue. Source: spec 03 §1.6 A3, D5, §1.7. */
export function clearProvider(kernel: Core, queue: RxQueue): void {
  queue.memoryProvider = undefined
  queue.rxPageSize = 0
  reconfigureQueue(kernel, queue.device, queue.index, { rxPageSize: 0 })
  kernel.changes++
}

/** A device goes: providers hear of each of its queues that had them. What they think is over they take off the queue. */
export function uninstallProviders(dev: Device): void {
  for (let index = 0; index < dev.numRxQueues; index++) {
    const queue = dev.boundRxQueue(index)
    if (queue) queue.memoryProvider?.uninstall(queue)
  }
}
