import { errno } from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import { type Device, REGISTERED } from '../../net/device.ts'
import { PAGE } from '../../net/page-pool.ts'
import type { QueueConfig, QueueManagement } from '../../net/queue-management.ts'
import { reconfigureQueue } from '../../net/reconfigure.ts'
import { takeFault } from './restart-fault.ts'
import { RxMemory } from './rx-memory.ts'
import { nicState } from './state.ts'

/** Bytes of the largest buffer. */
const LARGEST_PAGE = 65536
/** Entries of a ring in releases whose NIC has no size of its own. */
const RING = 512

/** Only the queue itself pauses. A NIC without a DMA mask receives into no memory but its own. Source: spec 03 §6.3, §6.7. */
export const nicQueues: QueueManagement = {
  rxPageSize: true,
  check: (_dev, _index, { rxPageSize }) => (rxPageSize > LARGEST_PAGE ? -errno.ERANGE : 0),
  allocate: (kernel, dev, index, config) =>
    takeFault(dev, index, 'allocate') || allocateQueue(kernel, dev, index, config),
  free: (kernel, _dev, memory) => freeQueue(kernel, memory as RxMemory),
  start(kernel, dev, index, made) {
    const memory = made as RxMemory
    const error = takeFault(dev, index, memory.used ? 'recover' : 'start')
    if (error === 0) startQueue(kernel, dev, index, memory)
    return error
  },
  stop: (kernel, dev, index) => takeFault(dev, index, 'stop') || (stopQueue(kernel, dev, index) ?? -errno.ENETDOWN),
}

export function allocateQueue(
  kernel: Core,
  dev: Device,
  index: number,
  { rxPageSize }: QueueConfig,
): RxMemory | number {
  if (dev.state !== REGISTERED) return -errno.ENETDOWN
  const { napis, rings } = nicState(dev)
  const own = { napi: napis[index], size: rings.rx || RING }
  const provider = dev.driver.dmaDevice ? dev.boundRxQueue(index)?.memoryProvider : undefined
  if (!provider) return new RxMemory(kernel.pagePools.create(dev, own), undefined, 0)
  const pool = kernel.pagePools.createFor(dev, provider, { ...own, queue: index, bufferSize: rxPageSize || PAGE })
  return typeof pool === 'number' ? pool : new RxMemory(pool, kernel.pagePools.create(dev, own), own.size)
}

export function freeQueue(kernel: Core, { pool, heads }: RxMemory): void {
  kernel.pagePools.destroy(pool)
  if (heads) kernel.pagePools.destroy(heads)
}

/** Has a queue run with what was allocated for it. The ring need not become full. */
export function startQueue(kernel: Core, dev: Device, index: number, memory: RxMemory): void {
  const { napis, rx } = nicState(dev)
  memory.used = true
  memory.fill()
  rx[index] = memory
  kernel.napis.enable(napis[index])
  const queue = dev.rxQueue(index)
  if (queue) queue.napi = napis[index]
}

/** Stops a queue; bufs that wait for frames go back to their pool. */
export function stopQueue(kernel: Core, dev: Device, index: number): RxMemory | undefined {
  const { napis, rx } = nicState(dev)
  const memory = rx[index]
  kernel.napis.disable(napis[index])
  const queue = dev.boundRxQueue(index)
  if (queue) queue.napi = undefined
  memory?.drain()
  rx[index] = undefined
  return memory
}

/** Has one queue of a NIC that is up start anew. 0 or a negative errno. */
export function restartQueue(kernel: Core, dev: Device, index: number): number {
  return reconfigureQueue(kernel, dev, index, { rxPageSize: dev.boundRxQueue(index)?.rxPageSize ?? 0 })
}
