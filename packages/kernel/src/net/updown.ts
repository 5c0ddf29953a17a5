import {
  IFF_ALLMULTI,
  IFF_AUTOMEDIA,
  IFF_DEBUG,
  IFF_DYNAMIC,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_NOTRAILERS,
  IFF_PORTSEL,
  IFF_PROMISC,
  IFF_RUNNING,
  IFF_UP,
} from '@netkit/netlink'
import type { Core } from './core.ts'
import type { Device } from './device.ts'
import { inetUp } from './inet.ts'
import type { Request } from './request.ts'

/** Flags that a request can set. PROMISC and ALLMULTI are kept apart, as the user's wish. */
const SETTABLE = IFF_DEBUG | IFF_NOTRAILERS | IFF_NOARP | IFF_DYNAMIC | IFF_MULTICAST | IFF_PORTSEL | IFF_AUTOMEDIA
const USER = IFF_PROMISC | IFF_ALLMULTI

/** Brings a device up. Returns 0 or a negative errno. Nobody is told yet. */
function openDevice(kernel: Core, dev: Device): number {
  const result = dev.driver.open?.(kernel, dev) ?? 0
  if (result < 0) return result
  dev.flags |= IFF_UP
  if (dev.qdisc === 'noop') dev.qdisc = dev.defaultQdisc
  if (dev.inet) dev.inet.ready = dev.carrier
  kernel.changes++
  return 0
}

/** Brings a device down. `gone`: because it is deleted or moved, which is announced here. */
export function closeDevice(kernel: Core, dev: Device, options: { gone?: boolean } = {}): void {
  if (!dev.up) return
  dev.driver.stop?.(kernel, dev)
  dev.flags &= ~IFF_UP
  kernel.path.flush(dev)
  if (dev.inet) dev.inet.ready = false
  kernel.changes++
  if (!options.gone) return
  kernel.announce.link(dev, { change: IFF_UP | IFF_RUNNING })
  kernel.ip.down(dev)
}

/** Changes flags without telling. Returns 0 or a negative errno; what was changed before an error stays. */
function setFlags(kernel: Core, dev: Device, flags: number): number {
  const was = dev.flags
  dev.flags = (dev.flags & ~SETTABLE) | (flags & SETTABLE)
  let result = 0
  if (((was ^ flags) & IFF_UP) !== 0) {
    if ((was & IFF_UP) !== 0) closeDevice(kernel, dev)
    else result = openDevice(kernel, dev)
  }
  const wishes = (flags ^ dev.userFlags) & USER
  if (wishes !== 0) {
    dev.userFlags ^= wishes
    if ((wishes & IFF_PROMISC) !== 0) dev.promiscuity += (dev.userFlags & IFF_PROMISC) !== 0 ? 1 : -1
    if ((wishes & IFF_ALLMULTI) !== 0) dev.allmulti += (dev.userFlags & IFF_ALLMULTI) !== 0 ? 1 : -1
    dev.flags = (dev.flags & ~USER) | (dev.promiscuity > 0 ? IFF_PROMISC : 0) | (dev.allmulti > 0 ? IFF_ALLMULTI : 0)
  }
  if (dev.flags !== was || wishes !== 0) kernel.changes++
  return result
}

/** Changes flags and announces what changed. */
export function changeFlags(kernel: Core, dev: Device, flags: number): number {
  const was = dev.flags
  const wished = dev.userFlags
  const result = setFlags(kernel, dev, flags)
  if (result < 0) return result
  const changed = (was ^ dev.flags) | (wished ^ dev.userFlags)
  if (changed !== 0) kernel.announce.link(dev, { change: changed >>> 0 })
  if ((changed & IFF_UP) !== 0) tellIp(kernel, dev)
  return 0
}

/** IP hears of a device that went up or down after everyone else. */
function tellIp(kernel: Core, dev: Device): void {
  if (dev.up) {
    inetUp(dev)
    kernel.ip.up(dev)
  } else kernel.ip.down(dev)
}

/** The flags that a link header asks for: all of them if its change mask is 0, else those in the mask. */
export const wantedFlags = (dev: Device, flags: number, change: number): number =>
  change !== 0 ? (flags & change) | (combinedFlags(dev) & ~change) : flags

const combinedFlags = (dev: Device): number => (dev.flags & ~USER) | (dev.userFlags & USER)

/** Applies the header of a creation and announces the device. */
export function configureNewLink(
  kernel: Core,
  dev: Device,
  flags: number,
  change: number,
  req: Request | undefined,
): number {
  if (flags !== 0 || change !== 0) {
    const result = setFlags(kernel, dev, wantedFlags(dev, flags, change))
    if (result < 0) return result
  }
  dev.announceLater = false
  kernel.announce.link(dev, { change: 0xffff_ffff, req })
  if (dev.up) tellIp(kernel, dev)
  return 0
}
