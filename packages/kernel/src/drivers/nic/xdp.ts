import { errno } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { runsSingleBuffer, type XdpHooks } from '../../net/xdp.ts'
import { transmitFrames } from './frames.ts'

/** The largest MTU with which a whole packet lies in one buffer. */
const MOST_MTU = 4000

/** Programs that want packets in one piece limit the MTU, in both orders. Source: what netdevsim answers on Linux 7.3. */
export const nicXdp: XdpHooks = {
  set(_kernel, dev, program) {
    if (program && !program.takesFragments && dev.mtu > MOST_MTU) {
      return { error: -errno.EINVAL, text: 'netdevsim: MTU too large w/ XDP enabled' }
    }
    return undefined
  },
  transmit: transmitFrames,
  noOffload: 'netdevsim: xdpoffload of non-bound program',
}

/** The same without what netdevsim lacks: it takes every program that is bound to it for one of its hardware. */
export const netdevsimXdp: XdpHooks = {
  ...nicXdp,
  transmit: undefined,
  set(kernel, dev, program, before) {
    if (program?.boundTo) return { error: -errno.EINVAL, text: 'netdevsim: attempt to load offloaded prog to drv' }
    return nicXdp.set(kernel, dev, program, before)
  },
}

export const changeNicMtu = (dev: Device, mtu: number): number =>
  mtu > MOST_MTU && runsSingleBuffer(dev, ['driver']) ? -errno.EBUSY : 0
