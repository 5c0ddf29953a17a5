import type { Core } from './core.ts'
import type { RxQueue } from './queue.ts'
import { reconfigureQueue } from './reconfigure.ts'

/** Takes its provider from a physical queue. Source: spec 03 §1.6 A3, D5, §1.7. */
export function clearProvider(kernel: Core, queue: RxQueue): void {
  queue.memoryProvider = undefined
  queue.rxPageSize = 0
  reconfigureQueue(kernel, queue.device, queue.index, { rxPageSize: 0 })
  kernel.changes++
}
