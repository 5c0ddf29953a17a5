import { errno, XDP_ACT } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { highestProvided } from '../../net/lease.ts'
import type { RxQueue } from '../../net/queue.ts'
import type { XskHooks } from '../../net/xsk.ts'
import { filterEgress } from './egress.ts'
import { netkitState, PAIRING_PAIR } from './state.ts'

const ZERO_COPY = XDP_ACT.basic | XDP_ACT.redirect | XDP_ACT['xsk-zerocopy']

/** The physical queue behind a leased one; EINVAL for a queue that is not in use, EOPNOTSUPP for one that is not leased. */
function physicalQueue(dev: Device, queue: number): RxQueue | number {
  if (queue >= dev.realRxQueues) return -errno.EINVAL
  return dev.boundRxQueue(queue)?.lease ?? -errno.EOPNOTSUPP
}

/** AF_XDP on a leased queue is the NIC's business. Source: spec 03 §5.3. */
export const netkitXsk: XskHooks = {
  setup(kernel, dev, pool, queue) {
    if (netkitState(dev).pairing === PAIRING_PAIR) return -errno.EOPNOTSUPP
    const physical = physicalQueue(dev, queue)
    if (typeof physical === 'number') return physical
    const nic = physical.device
    const { xdp, xsk } = nic.driver
    if (!xdp?.transmit || !xsk) return -errno.EOPNOTSUPP
    if (pool) {
      if ((nic.xdpFeatures & ZERO_COPY) !== ZERO_COPY) return -errno.EOPNOTSUPP
      if (highestProvided(nic) > 0) return -errno.EBUSY
    }
    return xsk.setup(kernel, nic, pool, physical.index)
  },
  filter: filterEgress,
  wakeup(kernel, dev, queue) {
    const physical = physicalQueue(dev, queue)
    if (typeof physical === 'number') return physical
    return physical.device.driver.xsk?.wakeup(kernel, physical.device, physical.index) ?? -errno.EOPNOTSUPP
  },
}
