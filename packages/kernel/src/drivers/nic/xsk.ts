import { errno, XDP_ACT } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { PacketPath } from '../../net/path.ts'
import type { XskHooks } from '../../net/xsk.ts'
import { PacketBatch } from '../../packet/batch.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { countSent } from './frames.ts'
import { SEGMENTS } from './place-in-pool.ts'
import { nicState } from './state.ts'

const BATCH = 64
/** What is being sent. Pools are emptied one after the other, never one inside another. */
const leaving = new PacketBatch(BATCH)

/** What AF_XDP asks a NIC for. */
export function offerXsk(dev: Device): void {
  dev.xdpFeatures |= XDP_ACT.redirect | XDP_ACT['ndo-xmit'] | XDP_ACT['xsk-zerocopy'] | XDP_ACT['rx-sg']
  dev.xdpZcMaxSegs = SEGMENTS
}

/** A queue is read into a pool while the NIC runs a program, too. Source: spec 03 §5.4. */
export const nicXsk: XskHooks = {
  setup(kernel, dev, pool, queue) {
    const state = nicState(dev)
    if (queue >= dev.realRxQueues) return -errno.EINVAL
    state.xskPools[queue] = pool
    state.xskCount = state.xskPools.reduce((count, one) => count + (one ? 1 : 0), 0)
    kernel.changes++
    return 0
  },
  wakeup(kernel, dev, queue) {
    if (!dev.up) return -errno.ENETDOWN
    const { port, xskPools } = nicState(dev)
    if (queue >= dev.realRxQueues) return -errno.EINVAL
    if (!xskPools[queue]) return -errno.ENXIO
    if (port) kernel.path.schedule(port)
    else while (sendFromPools(kernel.path, dev, BATCH));
    return 0
  },
}

/** Sends what waits in the rings of all pools, up to `budget` packets each. Whether there may be more. */
export function sendFromPools(path: PacketPath, dev: Device, budget: number): boolean {
  const { port, xskPools } = nicState(dev)
  let more = false
  for (let queue = 0; queue < xskPools.length; queue++) {
    const pool = xskPools[queue]
    if (pool === undefined) continue
    const count = pool.fetch(path, leaving, Math.min(budget, BATCH))
    for (let n = 0; n < leaving.count; n++) {
      if (port) countSent(path, dev, leaving.handles[n], queue)
      else path.drop(dev, leaving.handles[n], DROP.NO_WIRE)
    }
    if (port && leaving.count > 0) port.wire.transmit(leaving)
    leaving.clear()
    pool.sent()
    if (count === budget || count === BATCH) more = true
  }
  return more
}
