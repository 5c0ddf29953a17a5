import { errno, NETDEV_LEASE, NETDEV_QUEUE, NETDEV_QUEUE_ID, QUEUE_TYPE, type Writer } from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import { backing } from '../../net/lease.ts'
import { nsidFor } from '../../net/nsid.ts'
import type { RxQueue } from '../../net/queue.ts'
import { type GenlCall, reply, requireAttrs } from '../call.ts'
import { DeviceDump, FailedDump, type WriteRecord } from '../record-dump.ts'
import { deviceAt } from './device.ts'
import { writeProvider } from './provider.ts'

const Q = NETDEV_QUEUE.ids
const I = NETDEV_QUEUE_ID.ids
const L = NETDEV_LEASE.ids

/** One queue. Source: spec 01 §4.3. */
function writeQueue(w: Writer, kernel: Core, dev: Device, type: number, index: number): void {
  const queue = type === QUEUE_TYPE.rx ? dev.boundRxQueue(index) : undefined
  // Naming the lessee's namespace may give it an id, which is announced before this.
  const { lessee, netnsId } = queue && dev.parent ? lesseeOf(kernel, queue) : NOBODY
  w.attrU32(Q.id, index)
  w.attrU32(Q.type, type)
  w.attrU32(Q.ifindex, dev.ifindex)
  if (!queue) return
  if (queue.napi) w.attrU32(Q.napiId, queue.napi.id)
  if (lessee) writeLease(w, lessee, netnsId)
  writeReader(w, backing(queue))
}

interface Lessee {
  readonly lessee?: RxQueue
  readonly netnsId?: number
}
const NOBODY: Lessee = {}

function lesseeOf(kernel: Core, queue: RxQueue): Lessee {
  const lessee = queue.lease
  if (!lessee) return NOBODY
  const { ns } = queue.device
  return { lessee, netnsId: lessee.device.ns === ns ? undefined : nsidFor(kernel, ns, lessee.device.ns) }
}

/** Only the physical side tells of a lease. */
function writeLease(w: Writer, lessee: RxQueue, netnsId: number | undefined): void {
  const nest = w.beginNest(Q.lease)
  const queue = w.beginNest(L.queue)
  w.attrU32(I.id, lessee.index)
  w.attrU32(I.type, QUEUE_TYPE.rx)
  w.end(queue)
  w.attrU32(L.ifindex, lessee.device.ifindex)
  if (netnsId !== undefined) w.attrU32(L.netnsId, netnsId)
  w.end(nest)
}

/** Who reads a queue without copies. */
function writeReader(w: Writer, { memoryProvider, xskPool }: RxQueue): void {
  writeProvider(w, memoryProvider, Q)
  if (xskPool) w.end(w.beginNest(Q.xsk))
}

export function getQueue(call: GenlCall): number {
  const { req, attrs, kernel } = call
  const error = requireAttrs(req, attrs, [Q.id, Q.type, Q.ifindex])
  if (error !== 0) return error
  const dev = deviceAt(call, attrs[Q.ifindex])
  if (!dev) return -errno.ENODEV
  if (!dev.up) return -errno.ENOENT
  const index = req.u32(attrs[Q.id])
  const type = req.u32(attrs[Q.type])
  if (index >= (type === QUEUE_TYPE.rx ? dev.realRxQueues : dev.realTxQueues)) return -errno.EINVAL
  return reply(call, (w) => writeQueue(w, kernel, dev, type, index))
}

export function dumpQueues(call: GenlCall): number {
  const { req, attrs, kernel } = call
  const only = attrs[Q.ifindex] === 0 ? undefined : req.u32(attrs[Q.ifindex])
  if (only !== undefined && !req.ns.devices.has(only)) return req.socket.startDump(new FailedDump(req, -errno.ENODEV))
  return req.socket.startDump(new DeviceDump(call, only, (dev) => queueRecords(kernel, dev)))
}

function queueRecords(kernel: Core, dev: Device): WriteRecord[] {
  const records: WriteRecord[] = []
  if (!dev.up) return records
  for (let i = 0; i < dev.realRxQueues; i++) records.push((w) => writeQueue(w, kernel, dev, QUEUE_TYPE.rx, i))
  for (let i = 0; i < dev.realTxQueues; i++) records.push((w) => writeQueue(w, kernel, dev, QUEUE_TYPE.tx, i))
  return records
}
