import { errno } from '@netkit/netlink'
import type { Core } from './core.ts'
import type { Device } from './device.ts'
import type { MemoryProvider } from './provider.ts'
import type { QueueConfig } from './queue-management.ts'

/**
 * Sets a receive queue up anew, with the memory provider that it has by now. 0, or a negative errno: the queue runs as before
 * then, unless it can not even be started again with what it had. Source: spec 03 §1.7.
 */
export function reconfigureQueue(kernel: Core, dev: Device, index: number, config: QueueConfig): number {
  const ops = dev.driver.queueManagement
  if (!ops) return -errno.EOPNOTSUPP
  const memory = ops.allocate(kernel, dev, index, config)
  if (typeof memory === 'number') return memory
  const provider = dev.boundRxQueue(index)?.memoryProvider
  if (provider && !isUsed(dev, index, provider)) {
    ops.free(kernel, dev, memory)
    return -errno.ENODATA
  }
  if (!dev.up) {
    ops.free(kernel, dev, memory)
    return 0
  }
  const old = ops.stop(kernel, dev, index)
  if (typeof old === 'number') {
    ops.free(kernel, dev, memory)
    return old
  }
  const error = ops.start(kernel, dev, index, memory)
  if (error === 0) ops.free(kernel, dev, old)
  else {
    // What cannot be started again stays dead until the device is opened anew.
    if (ops.start(kernel, dev, index, old) !== 0) ops.free(kernel, dev, old)
    ops.free(kernel, dev, memory)
  }
  kernel.changes++
  return error
}

/** Whether the driver really made a pool that takes the provider's buffers. */
const isUsed = (dev: Device, index: number, provider: MemoryProvider): boolean =>
  dev.pagePools?.some((pool) => pool.provider === provider && pool.queue === index) === true
