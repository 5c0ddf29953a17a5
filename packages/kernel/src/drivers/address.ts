import { errno } from '@netkit/netlink'
import type { Device } from '../net/device.ts'
import type { World } from '../world.ts'

export const ETH_ALEN = 6

/** An address that a station can have: not zero, not a group. */
export function isUnicast(address: Uint8Array): boolean {
  return (address[0] & 1) === 0 && address.some((byte) => byte !== 0)
}

/** A random locally administered unicast address. */
export function randomAddress(world: World): Uint8Array {
  const a = world.random()
  const b = world.random()
  return Uint8Array.of((a & 0xfc) | 0x02, a >>> 8, a >>> 16, a >>> 24, b, b >>> 8)
}

/** Sets the address of an Ethernet device, up or down. */
export function setEthernetAddress(dev: Device, address: Uint8Array): number {
  if (!isUnicast(address)) return -errno.EADDRNOTAVAIL
  dev.address = address
  return 0
}

const EVERYONE = new Uint8Array(ETH_ALEN).fill(0xff)

/** Constants of Ethernet devices. */
export function setupEthernet(dev: Device): void {
  dev.broadcast = EVERYONE
}
