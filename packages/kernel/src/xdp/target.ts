import { errno } from '@netkit/netlink'
import type { Device } from '../net/device.ts'
import * as layout from '../packet/fields.ts'
import type { Packets } from '../packet/packets.ts'

const { PKT_LENGTH, PKT_SHIFT } = layout
const IFF_UP = 1
const ETH_HLEN = 14
const VLAN_HLEN = 4

/** Whether a device can be sent a frame or packet of this length: 0, ENETDOWN or EMSGSIZE, negative. */
export function canForward(dev: Device, length: number): number {
  if ((dev.flags & IFF_UP) === 0) return -errno.ENETDOWN
  return length > dev.mtu + ETH_HLEN + VLAN_HLEN ? -errno.EMSGSIZE : 0
}

/** Whether a frame can be redirected to a device: its driver takes frames, and it is up. 0 or a negative errno. */
export function takesFrame(packets: Packets, dev: Device, handle: number): number {
  const { xdp } = dev.driver
  if (xdp?.transmit === undefined || xdp.takesFrames?.(dev) === false) return -errno.EOPNOTSUPP
  return canForward(dev, packets.table.fields[(handle << PKT_SHIFT) + PKT_LENGTH])
}
