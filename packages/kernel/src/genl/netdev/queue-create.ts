import { errno, NETDEV_LEASE, NETDEV_QUEUE, NETDEV_QUEUE_ID, QUEUE_TYPE } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { lease, whyBusy } from '../../net/lease.ts'
import type { RxQueue } from '../../net/queue.ts'
import type { Request } from '../../net/request.ts'
import { type GenlCall, reply, requireAttrs } from '../call.ts'
import { findNested } from '../nested.ts'
import { deviceAt } from './device.ts'

const Q = NETDEV_QUEUE.ids
const I = NETDEV_QUEUE_ID.ids
const L = NETDEV_LEASE.ids

/** What is asked for: the attributes of the lease, and of the queue inside. */
interface Wanted {
  readonly lease: Int32Array
  readonly queue: Int32Array
}

/** Adds a receive queue to a virtual device, leased from a physical one. Source: spec 01 §4.4, in its order. */
export function createQueue(call: GenlCall): number {
  const { req, attrs } = call
  const wanted = parse(req, attrs)
  if (typeof wanted === 'number') return wanted
  const dev = deviceAt(call, attrs[Q.ifindex])
  if (!dev) return -errno.ENODEV
  const unfit = checkLessee(req, dev)
  if (unfit !== 0) return unfit
  const lessor = findLessor(req, wanted)
  if (typeof lessor === 'number') return lessor
  const physical = lessorQueue(req, wanted, lessor)
  if (typeof physical === 'number') return physical
  const last = dev.boundRxQueue(dev.realRxQueues - 1)?.lease
  if (last && last.device !== lessor) {
    return req.refuse(errno.EOPNOTSUPP, 'Leasing queues from different devices not supported')
  }
  const index = dev.driver.createQueue?.(dev, req) ?? -errno.EOPNOTSUPP
  if (index < 0) return index
  const virtual = dev.rxQueue(index)
  if (!virtual) throw new RangeError(`${dev.name} created queue ${index}, which it has no room for`)
  lease(virtual, physical)
  call.kernel.changes++
  return reply(call, (w) => w.attrU32(Q.id, index))
}

function parse(req: Request, attrs: Int32Array): Wanted | number {
  const error = requireAttrs(req, attrs, [Q.ifindex, Q.type, Q.lease])
  if (error !== 0) return error
  if (req.u32(attrs[Q.type]) !== QUEUE_TYPE.rx) return req.refuse(errno.EINVAL, undefined, attrs[Q.type])
  const lease = findNested(req, attrs[Q.lease], NETDEV_LEASE.policy.maxId)
  const incomplete = requireAttrs(req, lease, [L.ifindex, L.queue], attrs[Q.lease])
  if (incomplete !== 0) return incomplete
  const queue = findNested(req, lease[L.queue], NETDEV_QUEUE_ID.policy.maxId)
  const noQueue = requireAttrs(req, queue, [I.id, I.type], lease[L.queue])
  if (noQueue !== 0) return noQueue
  if (req.u32(queue[I.type]) !== QUEUE_TYPE.rx) return req.refuse(errno.EINVAL, undefined, queue[I.type])
  return { lease, queue }
}

function checkLessee(req: Request, dev: Device): number {
  if (dev.parent) return req.refuse(errno.EINVAL, 'Device is not a virtual device')
  if (!dev.driver.createQueue) return req.refuse(errno.EINVAL, 'Device does not support queue creation')
  if (dev.realRxQueues < 1 || dev.realTxQueues < 1) {
    return req.refuse(errno.EINVAL, 'Device must have at least one real queue')
  }
  return 0
}

function findLessor(req: Request, wanted: Wanted): Device | number {
  let { ns } = req
  if (wanted.lease[L.netnsId] !== 0) {
    const other = ns.byNsid.get(req.s32(wanted.lease[L.netnsId]))
    if (!other) return -errno.ENONET
    ns = other
  }
  const lessor = ns.devices.get(req.u32(wanted.lease[L.ifindex]))
  if (!lessor) return -errno.ENODEV
  if (!lessor.parent) return req.refuse(errno.EINVAL, 'Lease device is a virtual device')
  if (!lessor.driver.queueManagement) {
    return req.refuse(errno.EINVAL, 'Lease device does not support queue management operations')
  }
  return lessor
}

function lessorQueue(req: Request, wanted: Wanted, lessor: Device): RxQueue | number {
  const index = req.u32(wanted.queue[I.id])
  const queue = index < lessor.realRxQueues ? lessor.rxQueue(index) : undefined
  if (!queue) return req.refuse(errno.ERANGE, undefined, wanted.queue[I.id])
  const busy = whyBusy(queue)
  return busy === undefined ? queue : req.refuse(errno.EBUSY, busy)
}
