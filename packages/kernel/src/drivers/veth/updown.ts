import { errno } from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import { setCarrier } from '../../net/linkwatch.ts'
import { vethState } from './state.ts'

/** Both ends have carrier while both are up. */
export function openVeth(kernel: Core, dev: Device): number {
  const { peer } = vethState(dev)
  if (!peer) return -errno.ENOTCONN
  if (peer.up) {
    setCarrier(kernel, dev, true)
    setCarrier(kernel, peer, true)
  }
  return 0
}

export function closeVeth(kernel: Core, dev: Device): void {
  setCarrier(kernel, dev, false)
  const { peer } = vethState(dev)
  if (peer) setCarrier(kernel, peer, false)
}
