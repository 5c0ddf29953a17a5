import { AF_INET, AF_INET6 } from '@netkit/netlink'
import type { IpHooks } from '../net/ip-hooks.ts'
import type { Ip } from './ip.ts'

/** What happens to devices as addresses and routes see it, and then as packets and neighbours see it. */
export const withPackets = (hooks: IpHooks, ip: () => Ip): IpHooks => ({
  ...hooks,
  down(dev) {
    hooks.down(dev)
    ip().forget(dev)
  },
  mtu(dev) {
    hooks.mtu(dev)
    if (dev.inet?.v4 === false) ip().forget(dev, AF_INET)
    if (dev.inet?.v6 === false) ip().forget(dev, AF_INET6)
  },
  readdressed: (dev) => ip().readdressed(dev),
  touched(dev) {
    if (!dev.carrier) ip().carrierLost(dev)
  },
  change(dev) {
    hooks.change(dev)
    if (!dev.carrier) ip().carrierLost(dev)
  },
  leaving(dev) {
    hooks.leaving(dev)
    ip().forget(dev)
    ip().groups.forget(dev)
  },
  probe: (dev, address) => ip().probe(dev, address.local),
})
