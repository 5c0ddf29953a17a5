import { errno, NETDEV_DMABUF, NETDEV_QUEUE_ID, QUEUE_TYPE } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { receivingDma } from '../../net/dma.ts'
import type { DmaBuf } from '../../net/dma-buf.ts'
import { PAGE } from '../../net/page-pool.ts'
import { openProvider } from '../../net/provider-open.ts'
import type { RxQueue } from '../../net/queue.ts'
import { hasOwnLock } from '../../net/register.ts'
import type { Request } from '../../net/request.ts'
import { type GenlCall, reply, requireAttrs } from '../call.ts'
import { findAll, findNested } from '../nested.ts'
import { deviceAt } from './device.ts'

const B = NETDEV_DMABUF.ids
const I = NETDEV_QUEUE_ID.ids
const HEADERS = 20
const PAGE_SHIFT = 12

/** Binds a dma-buf to receive queues. Source: spec 03 §4.1, in its order. */
export function bindRx(call: GenlCall): number {
  const { req, attrs } = call
  const error = requireAttrs(req, attrs, [B.ifindex, B.fd, B.queues]) || checkPageSize(req, attrs[B.rxPageSize])
  if (error !== 0) return error
  const dev = deviceAt(call, attrs[B.ifindex])
  if (!dev) return -errno.ENODEV
  if (!call.kernel.release.does.bindsQueuesFirst) {
    const buf = fileAt(req, attrs[B.fd])
    if (typeof buf === 'number') return buf
  }
  if (!hasOwnLock(dev)) return req.refuse(errno.EOPNOTSUPP, undefined, attrs[B.ifindex])
  const queues = wantedQueues(req, dev)
  if (typeof queues === 'number') return queues
  const unfit = checkDma(req, dev, queues)
  if (unfit !== 0) return unfit
  const buf = fileAt(req, attrs[B.fd])
  if (typeof buf === 'number') return buf
  const size = attrs[B.rxPageSize] === 0 ? PAGE : req.u32(attrs[B.rxPageSize])
  if (buf.offset % size !== 0 || buf.length % size !== 0) {
    const address = buf.offset.toString(16).padStart(16, '0')
    const text = `dmabuf sg entry (addr=0x${address}, len=${buf.length}) not aligned to niov size ${size}`
    return req.refuseFormatted(errno.EINVAL, text)
  }
  return openQueues(call, dev, queues, buf, size)
}

/** Opens the queues one by one; what was opened is closed again if one is refused. */
function openQueues(call: GenlCall, dev: Device, queues: readonly number[], buf: DmaBuf, size: number): number {
  const { kernel, req } = call
  const binding = kernel.devmem.create(buf, 31 - Math.clz32(size))
  for (const index of queues) {
    const rxPageSize = size === PAGE ? 0 : size
    const refusal = openProvider(kernel, dev, index, { provider: binding, rxPageSize })
    if (refusal) {
      kernel.devmem.end(binding)
      return req.refuse(-refusal.error, refusal.text)
    }
    binding.queues.add(dev.rxQueue(index) as RxQueue)
  }
  kernel.devmem.give(binding, req.socket)
  return reply(call, (w) => w.attrU32(B.id, binding.id))
}

/** Binds a dma-buf to be sent from. Source: spec 03 §4.3, in its order. */
export function bindTx(call: GenlCall): number {
  const { req, attrs } = call
  const error = requireAttrs(req, attrs, [B.ifindex, B.fd])
  if (error !== 0) return error
  const dev = deviceAt(call, attrs[B.ifindex])
  if (!dev) return -errno.ENODEV
  if (!dev.driver.netmemTx) return req.refuse(errno.EOPNOTSUPP, 'Driver does not support netmem TX')
  const sender = senderFor(dev)
  if (!sender) return req.refuse(errno.EOPNOTSUPP, 'No DMA-capable device found for netmem TX')
  const buf = fileAt(req, attrs[B.fd])
  if (typeof buf === 'number') return buf
  if (buf.length % PAGE !== 0) return req.refuse(errno.EINVAL, 'TX dma-buf size must be a multiple of PAGE_SIZE')
  const binding = call.kernel.devmem.create(buf, PAGE_SHIFT, sender)
  call.kernel.devmem.give(binding, req.socket)
  return reply(call, (w) => w.attrU32(B.id, binding.id))
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
function senderFor(dev: Device): Device | undefined {
  if (dev.driver.netmemTx === 'dma') return dev
  for (let index = 0; index < dev.realRxQueues; index++) {
    const lessor = dev.boundRxQueue(index)?.lease?.device
    if (lessor?.driver.netmemTx === 'dma') return lessor
  }
  return undefined
}

/** The dma-buf that a descriptor stands for, or a negative errno. */
function fileAt(req: Request, attr: number): DmaBuf | number {
  const file = req.process.files.get(req.u32(attr))
  if (!file) return -errno.EBADF
  return file.type === 'dmabuf' ? file.object : -errno.EINVAL
}
