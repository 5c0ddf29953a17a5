import { IFF_NOARP } from '@netkit/netlink'
import type { Device } from './device.ts'

const IPV6_MIN_MTU = 1280

/** What IPv6 keeps of a device, as IFLA_AF_SPEC shows it. IPv4 has nothing that changes. */
export interface InetState {
  /** IPv6 is configured on the device: its MTU allows it. */
  v6: boolean
  /** Duplicate address detection and router solicitation are off: no ARP at registration. */
  quiet: boolean
  ready: boolean
  /** The MTU as IPv6 knows it: it hears of a change after everyone else was told. */
  mtu: number
  reachableTime: number
  /** Hundredths of a second. */
  timestamp: number
}

/** IP takes note of a device that is registered. `random`: u32, `now`: nanoseconds. */
export function attachInet(dev: Device, random: number, now: bigint): void {
  dev.inet = {
    v6: dev.mtu >= IPV6_MIN_MTU,
    quiet: (dev.flags & IFF_NOARP) !== 0 || dev.netnsImmutable,
    ready: false,
    mtu: dev.mtu,
    reachableTime: 15000 + (random % 30000),
    timestamp: Math.floor(Number(now) / 1e7) >>> 0,
  }
}

export function detachInet(dev: Device): void {
  dev.inet = undefined
}

/** IPv6 needs a MTU of 1280: it leaves a device that gets less and comes back when there is enough again. */
export function inetMtuChanged(dev: Device): void {
  if (dev.inet === undefined) return
  const v6 = dev.mtu >= IPV6_MIN_MTU
  if (v6 && !dev.inet.v6) dev.inet.quiet = (dev.flags & IFF_NOARP) !== 0 || dev.netnsImmutable
  dev.inet.v6 = v6
  if (v6) dev.inet.mtu = dev.mtu
}
