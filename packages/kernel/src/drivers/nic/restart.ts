import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import { nicState } from './state.ts'

/**
 * Restarts the receive side of one queue of a NIC that is up: a new page pool takes the place of the old one, which goes
 * when its last buffer has come back. Nothing else pauses; the queue's counters stay. Source: spec 03 §1.7, §6.3.
 */
export function restartQueue(kernel: Core, dev: Device, index: number): void {
  const { pools, napis } = nicState(dev)
  const before = pools[index]
  kernel.napis.disable(napis[index])
  pools[index] = kernel.pagePools.create(dev, napis[index])
  kernel.napis.enable(napis[index])
  kernel.pagePools.destroy(before)
  kernel.changes++
}
