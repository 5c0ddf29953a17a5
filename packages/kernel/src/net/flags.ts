import {
  IF_OPER_UNKNOWN,
  IF_OPER_UP,
  IFF_ALLMULTI,
  IFF_DORMANT,
  IFF_LOWER_UP,
  IFF_PROMISC,
  IFF_RUNNING,
  IFF_UP,
} from '@netkit/netlink'
import type { Device } from './device.ts'

const COMPUTED = IFF_PROMISC | IFF_ALLMULTI | IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT

/** The flags as messages show them. Source: spec 01 §2.11. */
export function reportedFlags(dev: Device): number {
  let flags = (dev.flags & ~COMPUTED) | (dev.userFlags & (IFF_PROMISC | IFF_ALLMULTI))
  if ((dev.flags & IFF_UP) !== 0) {
    if (dev.operstate === IF_OPER_UP || dev.operstate === IF_OPER_UNKNOWN) flags |= IFF_RUNNING
    if (dev.carrier) flags |= IFF_LOWER_UP
    if (dev.dormant) flags |= IFF_DORMANT
  }
  return flags >>> 0
}
