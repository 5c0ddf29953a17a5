import { errno, NETDEV_DMABUF, NETDEV_QUEUE_ID, QUEUE_TYPE } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { receivingDma } from '../../net/dma.ts'
import { hasOwnLock } from '../../net/register.ts'
import type { Request } from '../../net/request.ts'
import { type GenlCall, requireAttrs } from '../call.ts'
import { findAll, findNested } from '../nested.ts'
import { deviceAt } from './device.ts'

const B = NETDEV_DMABUF.ids
const I = NETDEV_QUEUE_ID.ids
const HEADERS = 20

/** Binds a dma-buf to receive queues. Source: spec 01 §4.8, in its order. No dma-buf exists here, so that none can be bound. */
export function bindRx(call: GenlCall): number {
  const { req, attrs } = call
  const error = requireAttrs(req, attrs, [B.ifindex, B.fd, B.queues]) || checkPageSize(req, attrs[B.rxPageSize])
  if (error !== 0) return error
  const dev = deviceAt(call, attrs[B.ifindex])
  if (!dev) return -errno.ENODEV
  if (!call.kernel.release.does.bindsQueuesFirst) return checkFile(req, attrs[B.fd])
  if (!hasOwnLock(dev)) return req.refuse(errno.EOPNOTSUPP, undefined, attrs[B.ifindex])
  const queues = wantedQueues(req, dev)
  if (typeof queues === 'number') return queues
  return checkDma(req, dev, queues) || checkFile(req, attrs[B.fd])
}

/** Binds a dma-buf to be sent from. Source: spec 01 §4.9. */
export function bindTx(call: GenlCall): number {
  const { req, attrs } = call
  const error = requireAttrs(req, attrs, [B.ifindex, B.fd])
  if (error !== 0) return error
  const dev = deviceAt(call, attrs[B.ifindex])
  if (!dev) return -errno.ENODEV
  if (!dev.driver.netmemTx) return req.refuse(errno.EOPNOTSUPP, 'Driver does not support netmem TX')
  if (!sendingDma(dev)) return req.refuse(errno.EOPNOTSUPP, 'No DMA-capable device found for netmem TX')
  return checkFile(req, attrs[B.fd])
}

function checkPageSize(req: Request, attr: number): number {
  if (attr === 0) return 0
  const size = req.u32(attr)
  return (size & (size - 1)) === 0 ? 0 : req.refuse(errno.EINVAL, 'rx-page-size must be a power of 2', attr)
}

/** The indexes of the receive queues that are named, ascending; or a negative errno. */
function wantedQueues(req: Request, dev: Device): number[] | number {
  const indexes = new Set<number>()
  for (const nest of findAll(req, req.start + HEADERS, req.end, B.queues)) {
    const queue = findNested(req, nest, NETDEV_QUEUE_ID.policy.maxId)
    const error = requireAttrs(req, queue, [I.id, I.type], nest)
    if (error !== 0) return error
    if (req.u32(queue[I.type]) !== QUEUE_TYPE.rx) return req.refuse(errno.EINVAL, undefined, queue[I.type])
    const index = req.u32(queue[I.id])
    if (index >= dev.realRxQueues) return req.refuse(errno.EINVAL, undefined, queue[I.id])
    indexes.add(index)
  }
  return [...indexes].sort((a, b) => a - b)
}

function checkDma(req: Request, dev: Device, queues: readonly number[]): number {
  let dma: object | undefined
  let previous = 0
  for (const index of queues) {
    const own = receivingDma(dev, index)
    if (dma !== undefined && own !== dma) {
      const text = `DMA device mismatch between queue ${index} and ${previous} (multi-PF device?)`
      return req.refuseFormatted(errno.EOPNOTSUPP, text)
    }
    dma = own
    previous = index
  }
  return dma ? 0 : req.refuse(errno.EOPNOTSUPP, "Device doesn't support DMA")
}

/** What sends for a device: itself, or the lessor of its first leased queue that can. */
function sendingDma(dev: Device): object | undefined {
  if (dev.parent) return dev.driver.dmaDevice?.(dev, 0)
  for (let index = 0; index < dev.realRxQueues; index++) {
    const physical = dev.boundRxQueue(index)?.lease
    const dma = physical?.device.driver.dmaDevice?.(physical.device, physical.index)
    if (dma) return dma
  }
  return undefined
}

/** None of the files that a client can have open here is a dma-buf. */
const checkFile = (req: Request, attr: number): number =>
  req.process.files.has(req.u32(attr)) ? -errno.EINVAL : -errno.EBADF
