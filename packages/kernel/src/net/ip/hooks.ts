import { RTNH_F_DEAD, RTNH_F_LINKDOWN } from '@netkit/netlink'
import type { Core } from '../core.ts'
import type { Device } from '../device.ts'
import { IPV6_MIN_MTU } from '../inet.ts'
import type { IpHooks } from '../ip-hooks.ts'
import { forgetFound } from './flow.ts'
import { RouteCollector } from './route-collector.ts'
import { IpTimers } from './timers.ts'
import { addAddressRoutes } from './v4-address-routes.ts'
import { addLoopbackV4, removeV4 } from './v4-addresses.ts'
import { deviceBack, deviceDown, disableV4, forgetNeighbours } from './v4-flush.ts'
import { v6Change, v6Down, v6Up } from './v6-device.ts'

/** What IP does about what happens to devices: IPv4 first, as in Linux. */
export function makeIpHooks(kernel: Core): IpHooks {
  const timers = new IpTimers(kernel)
  const collector = new RouteCollector(kernel)
  return {
    up(dev) {
      if (dev.inet?.v4) v4Up(kernel, dev)
      v6Up(kernel, dev)
      // There IPv6 stays, but with too small a MTU it has no addresses.
      if (dev.netnsImmutable && dev.mtu < IPV6_MIN_MTU) v6Down(kernel, dev, false)
    },
    down(dev) {
      disableV4(kernel, dev, 'down', false)
      v6Down(kernel, dev, false)
    },
    change(dev) {
      if (dev.carrier) deviceBack(kernel, dev, RTNH_F_LINKDOWN)
      else deviceDown(kernel, dev, 'carrier', false)
      v6Change(kernel, dev)
    },
    mtu(dev) {
      if (dev.inet?.v4 === false) v4Leave(kernel, dev)
      if (dev.inet?.v6 === false) v6Down(kernel, dev, true)
      else if (dev.netnsImmutable && dev.mtu < IPV6_MIN_MTU) v6Down(kernel, dev, false)
      else if (dev.netnsImmutable) return
      else if (dev.inet?.v6Ready === false) v6Up(kernel, dev)
    },
    renamed(dev) {
      const addresses = dev.inet?.v4Addresses ?? []
      for (const [i, a] of addresses.entries()) {
        a.label = labelAfter(a.label, dev.name, i + 1)
        kernel.announce.address(dev, a, 'new')
      }
    },
    leaving(dev) {
      v4Leave(kernel, dev)
      disableV4(kernel, dev, 'gone', true)
      v6Down(kernel, dev, true)
      timers.forget(dev)
      forgetFound()
    },
    watch: (dev) => timers.watch(dev),
    start: (dev, address) => timers.start(dev, address),
    watchRoutes: (ns) => collector.watch(ns),
    run() {
      timers.run()
      collector.run()
    },
  }
}

function v4Up(kernel: Core, dev: Device): void {
  addLoopbackV4(kernel, dev)
  for (const a of dev.inet?.v4Addresses ?? []) addAddressRoutes(kernel, dev, a)
  deviceBack(kernel, dev, RTNH_F_DEAD)
}

/** IPv4 leaves a device: its addresses go, and with the last of them its routes. */
function v4Leave(kernel: Core, dev: Device): void {
  const { inet } = dev
  if (!inet) return
  for (let a = inet.v4Addresses[0]; a; a = inet.v4Addresses[0]) removeV4(kernel, dev, a, { leaving: true })
  forgetNeighbours(kernel, dev, false)
}

const MAX_NAME = 15

/**
 * Labels follow their device's name: the first address is called as the device, the others have behind a colon what they had
 * there, or their number, as far as there is room.
 */
function labelAfter(label: string, name: string, number: number): string {
  if (number === 1) return name
  const colon = label.indexOf(':')
  const suffix = colon < 0 ? `:${number}` : label.slice(colon)
  return name.length + suffix.length <= MAX_NAME ? name + suffix : name.slice(0, MAX_NAME - suffix.length) + suffix
}
