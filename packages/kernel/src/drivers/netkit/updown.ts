import { errno } from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import { setCarrier } from '../../net/linkwatch.ts'
import { netkitState, PAIRING_SINGLE } from './state.ts'

/** A pair has carrier while both ends are up, a single device while it is up itself. Source: spec 01 §3.10. */
export function openNetkit(kernel: Core, dev: Device): number {
  const { peer, pairing } = netkitState(dev)
  if (pairing === PAIRING_SINGLE) {
    setCarrier(kernel, dev, true)
    return 0
  }
  if (!peer) return -errno.ENOTCONN
  if (peer.up) {
    setCarrier(kernel, dev, true)
    setCarrier(kernel, peer, true)
  }
  return 0
}

export function closeNetkit(kernel: Core, dev: Device): void {
  setCarrier(kernel, dev, false)
  const { peer } = netkitState(dev)
  if (peer) setCarrier(kernel, peer, false)
}
