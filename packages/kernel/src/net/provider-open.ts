import { errno, TCP_DATA_SPLIT } from '@netkit/netlink'
import type { Core } from './core.ts'
import type { Device } from './device.ts'
import { backing, leasedTo } from './lease.ts'
import type { MemoryProvider } from './provider.ts'
import { clearProvider } from './provider-clear.ts'
import type { RxQueue } from './queue.ts'
import { reconfigureQueue } from './reconfigure.ts'
import { hasOwnLock } from './register.ts'

/** What is put on a queue. */
export interface ProviderParams {
  readonly provider: MemoryProvider
  /** Bytes of a buffer that are asked for; 0: none in particular. */
  readonly rxPageSize: number
}

/** Why not: the errno, negative, and what netlink clients are told. */
export interface ProviderRefusal {
  readonly error: number
  readonly text?: string
}

const refused = (code: number, text?: string): ProviderRefusal => ({ error: -code, text })

/**
 * Has a receive queue take its buffers from a memory provider: the physical queue, if a leased one is named. Undefined, or what
 * refused; nothing has changed then. Source: spec 03 §3.5, in its order.
 */
export function openProvider(
  kernel: Core,
  dev: Device,
  index: number,
  params: ProviderParams,
): ProviderRefusal | undefined {
  if (!hasOwnLock(dev)) return refused(errno.EOPNOTSUPP)
  const named = index < dev.realRxQueues ? dev.rxQueue(index) : undefined
  if (!named) return refused(errno.ERANGE, 'rx queue index out of range')
  if (leasedTo(dev, index) && dev.parent) return refused(errno.EBUSY, 'rx queue leased to a virtual netdev')
  const queue = backing(named)
  if (queue !== named && !queue.device.parent) {
    return refused(errno.EOPNOTSUPP, 'rx queue belongs to a virtual netdev')
  }
  return checkDevice(queue.device) ?? checkQueue(queue, params) ?? install(kernel, queue, params)
}

function checkDevice(dev: Device): ProviderRefusal | undefined {
  if (!dev.driver.queueManagement && !dev.driver.createQueue) return refused(errno.EOPNOTSUPP)
  const rings = dev.driver.ethtool?.rings?.get(dev)
  if (rings?.tcpDataSplit !== TCP_DATA_SPLIT.enabled) return refused(errno.EINVAL, 'tcp-data-split is disabled')
  if (rings.hdsThresh !== 0) return refused(errno.EINVAL, 'hds-thresh is not zero')
  if (dev.xdp?.driver || dev.xdp?.skb || dev.xdp?.hardware) {
    return refused(errno.EEXIST, 'unable to custom memory provider to device with XDP program attached')
  }
  return undefined
}

function checkQueue(queue: RxQueue, { rxPageSize }: ProviderParams): ProviderRefusal | undefined {
  if (rxPageSize !== 0 && !queue.device.driver.queueManagement?.rxPageSize) {
    return refused(errno.EOPNOTSUPP, 'device does not support: rx_page_size')
  }
  if (queue.memoryProvider) return refused(errno.EEXIST, 'designated queue already memory provider bound')
  if (queue.xskPool) return refused(errno.EBUSY, 'designated queue already in use by AF_XDP')
  return undefined
}

function install(kernel: Core, queue: RxQueue, params: ProviderParams): ProviderRefusal | undefined {
  const { device, index } = queue
  queue.memoryProvider = params.provider
  queue.rxPageSize = params.rxPageSize
  const error =
    device.driver.queueManagement?.check?.(device, index, params) || reconfigureQueue(kernel, device, index, params)
  if (error === 0) {
    kernel.changes++
    return undefined
  }
  queue.memoryProvider = undefined
  queue.rxPageSize = 0
  return refused(-error)
}

/**
 * Ends what {@link openProvider} began, by the same name of the queue. Never fails: a queue that cannot be restarted keeps the
 * pool that it has, and with it the provider. Does nothing where the lease has gone meanwhile, which has ended it already.
 */
export function closeProvider(kernel: Core, dev: Device, index: number, provider: MemoryProvider): void {
  const named = dev.boundRxQueue(index)
  if (named && backing(named).memoryProvider === provider) clearProvider(kernel, backing(named))
}
