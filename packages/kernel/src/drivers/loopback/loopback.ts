import { ARPHRD_LOOPBACK, IFF_LOOPBACK } from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import { Device } from '../../net/device.ts'
import type { DriverHooks } from '../../net/driver.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import { registerDevice } from '../../net/register.ts'
import { setEthernetAddress } from '../address.ts'
import { OFFLOADS } from '../offloads.ts'
import { transmitLoopback } from './transmit.ts'

const MTU = 65536

/** The device `lo` that every namespace has, and that never leaves it. Source: spec 01 §2.10.1. */
export const loopbackDriver: DriverHooks = {
  nameTemplate: 'lo',
  setup(dev) {
    dev.type = ARPHRD_LOOPBACK
    dev.flags = IFF_LOOPBACK
    dev.mtu = MTU
    dev.minMtu = 0
    dev.maxMtu = 0
    dev.tsoMaxSize = 524280
    dev.netnsImmutable = true
  },
  newlink: () => 0,
  transmit: transmitLoopback,
  setAddress: setEthernetAddress,
  features: OFFLOADS.loopback,
  ethtool: { timestamps: 'sending', link: (dev) => dev.up && dev.carrier },
}

export function makeLoopback(kernel: Core, ns: NetNamespace): void {
  const dev = new Device(loopbackDriver, ns, 'lo', undefined)
  loopbackDriver.setup(dev, kernel.release)
  registerDevice(kernel, dev)
  ns.loopback = dev
}
