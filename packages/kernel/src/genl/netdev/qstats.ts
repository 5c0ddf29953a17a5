import { errno, NETDEV_QSTATS, QUEUE_TYPE, type Writer } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { QueueStatsHooks, RxLosses, Traffic } from '../../net/queue-stats.ts'
import type { GenlCall } from '../call.ts'
import { DeviceDump, FailedDump, type WriteRecord } from '../record-dump.ts'
import { deviceAt } from './device.ts'

const S = NETDEV_QSTATS.ids
const SCOPE_QUEUE = 1

/** Counters of queues, or summed up by device. Source: spec 01 §4.7. */
export function dumpQstats(call: GenlCall): number {
  const { req, attrs } = call
  const ifindex = attrs[S.ifindex]
  let only: number | undefined
  if (ifindex !== 0) {
    const dev = deviceAt(call, ifindex)
    const code = !dev ? errno.ENODEV : !dev.driver.queueStats ? errno.EOPNOTSUPP : 0
    if (code !== 0) return req.socket.startDump(new FailedDump(req, req.refuse(code, undefined, ifindex)))
    only = req.u32(ifindex)
  }
  const byQueue = attrs[S.scope] !== 0 && req.uint(attrs[S.scope]) === SCOPE_QUEUE
  const records = (dev: Device): WriteRecord[] => {
    const stats = dev.driver.queueStats
    if (!stats) return []
    return byQueue ? queueRecords(dev, stats) : [(w) => writeSum(w, dev, stats)]
  }
  return req.socket.startDump(new DeviceDump(call, only, records))
}

function queueRecords(dev: Device, stats: QueueStatsHooks): WriteRecord[] {
  const records: WriteRecord[] = []
  if (!dev.up) return records
  for (let i = 0; i < dev.realRxQueues; i++)
    records.push((w) => {
      writeOne(w, dev, QUEUE_TYPE.rx, i, stats.rx(dev, i))
      writeLosses(w, stats.rxLosses?.(dev, i))
    })
  for (let i = 0; i < dev.realTxQueues; i++) records.push((w) => writeOne(w, dev, QUEUE_TYPE.tx, i, stats.tx(dev, i)))
  return records
}

function writeOne(w: Writer, dev: Device, type: number, index: number, traffic: Traffic): void {
  w.attrU32(S.ifindex, dev.ifindex)
  w.attrU32(S.queueType, type)
  w.attrU32(S.queueId, index)
  writeTraffic(w, type, traffic)
}

function writeTraffic(w: Writer, type: number, { packets, bytes }: Traffic): void {
  const rx = type === QUEUE_TYPE.rx
  w.attrUint(rx ? S.rxPackets : S.txPackets, packets)
  w.attrUint(rx ? S.rxBytes : S.txBytes, bytes)
}

function writeLosses(w: Writer, losses: RxLosses | undefined): void {
  if (!losses) return
  w.attrUint(S.rxAllocFail, losses.allocFail)
  w.attrUint(S.rxHwDrops, losses.hwDrops)
  w.attrUint(S.rxHwDropOverruns, losses.hwDropOverruns)
}

function writeSum(w: Writer, dev: Device, stats: QueueStatsHooks): void {
  w.attrU32(S.ifindex, dev.ifindex)
  writeTraffic(
    w,
    QUEUE_TYPE.rx,
    sum(dev.realRxQueues, stats.baseRx(dev), (i) => stats.rx(dev, i)),
  )
  writeLosses(w, sumLosses(dev, stats))
  writeTraffic(
    w,
    QUEUE_TYPE.tx,
    sum(dev.realTxQueues, stats.baseTx(dev), (i) => stats.tx(dev, i)),
  )
}

function sum(queues: number, base: Traffic, of: (index: number) => Traffic): Traffic {
  const all = { ...base }
  for (let i = 0; i < queues; i++) {
    const one = of(i)
    all.packets += one.packets
    all.bytes += one.bytes
  }
  return all
}

function sumLosses(dev: Device, { rxLosses }: QueueStatsHooks): RxLosses | undefined {
  if (!rxLosses) return undefined
  const all: RxLosses = { allocFail: 0, hwDrops: 0, hwDropOverruns: 0 }
  for (let i = 0; i < dev.realRxQueues; i++) {
    const one = rxLosses(dev, i)
    all.allocFail += one.allocFail
    all.hwDrops += one.hwDrops
    all.hwDropOverruns += one.hwDropOverruns
  }
  return all
}
