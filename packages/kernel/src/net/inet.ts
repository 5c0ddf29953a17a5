import { IFF_NOARP } from '@netkit/netlink'
import type { Device } from './device.ts'
import type { V4Address, V6Address } from './ip-address.ts'
import { isReservedName } from './names.ts'

/** Hundredths of a second. */
const PROXY_DELAY = 80

const IPV4_MIN_MTU = 68
export const IPV6_MIN_MTU = 1280

/** What IPv4 and IPv6 keep of a device, as IFLA_AF_SPEC shows it. */
export interface InetState {
  /** IPv4 is configured on the device: its MTU allows it, or has never been changed. */
  v4: boolean
  /** The device is a loopback of which IPv4 has known from the beginning. */
  v4Loopback: boolean
  /** Settings of IPv4 that were set on the device, by position; absent: none. */
  v4Settings: Map<number, number> | undefined
  /** IPv6 is configured on the device: its MTU allows it. */
  v6: boolean
  /** Duplicate address detection and router solicitation are off: no ARP at registration. */
  quiet: boolean
  ready: boolean
  /** The MTU as IPv6 knows it: it hears of a change after everyone else was told. */
  mtu: number
  /** Interface part of addresses, 16 bytes; absent: zeros. */
  token: Uint8Array | undefined
  addrGenMode: number
  /** Solicitations for the addresses of proxies are answered: net.ipv6.conf.DEV.proxy_ndp. */
  proxyNdp: number
  /** Until when an answer for others is given at the latest, hundredths of a second: net.{ipv4,ipv6}.neigh.DEV.proxy_delay. */
  proxyDelay4: number
  proxyDelay6: number
  reachableTime: number
  /** Hundredths of a second. */
  timestamp: number
  /** In the order in which they are listed. */
  v4Addresses: V4Address[]
  v6Addresses: V6Address[]
  /** IPv6 takes the link for usable: addresses were configured. */
  v6Ready: boolean
}

/** No ARP when IPv6 came to the device: it does not look for neighbours there. */
const isQuiet = (dev: Device): boolean => (dev.flags & IFF_NOARP) !== 0 || dev.netnsImmutable

/** IP takes note of a device that is registered, unless it needs the name itself. `random`: u32, `now`: nanoseconds. */
export function attachInet(dev: Device, random: number, now: bigint): void {
  const usable = !isReservedName(dev.name)
  dev.inet = {
    v4: usable,
    v4Loopback: dev.netnsImmutable,
    v4Settings: undefined,
    v6: usable && dev.mtu >= IPV6_MIN_MTU,
    quiet: isQuiet(dev),
    ready: false,
    mtu: dev.mtu,
    token: undefined,
    addrGenMode: 0,
    proxyNdp: 0,
    proxyDelay4: PROXY_DELAY,
    proxyDelay6: PROXY_DELAY,
    reachableTime: 15000 + (random % 30000),
    timestamp: Number(now / 10_000_000n) >>> 0,
    v4Addresses: [],
    v6Addresses: [],
    v6Ready: false,
  }
}

export function detachInet(dev: Device): void {
  dev.inet = undefined
}

/**
 * IPv4 needs a MTU of 68, IPv6 of 1280: each leaves a device that gets less, and comes back, with fresh settings, when there
 * is enough again. IPv6 never leaves a loopback device.
 */
export function inetMtuChanged(dev: Device): void {
  const { inet } = dev
  if (inet === undefined) return
  if (dev.mtu < IPV4_MIN_MTU) {
    inet.v4 = false
    inet.v4Loopback = false
    inet.v4Settings = undefined
    inet.proxyDelay4 = PROXY_DELAY
  } else inet.v4 ||= !isReservedName(dev.name)
  if (dev.mtu >= IPV6_MIN_MTU) {
    attachV6(dev, inet)
    inet.mtu = dev.mtu
  } else if (!dev.netnsImmutable) inet.v6 = false
}

/** IPv6 looks again at a device that comes up. */
export function inetUp(dev: Device): void {
  if (dev.inet && dev.mtu >= IPV6_MIN_MTU) attachV6(dev, dev.inet)
}

function attachV6(dev: Device, inet: InetState): void {
  if (inet.v6 || isReservedName(dev.name)) return
  inet.v6 = true
  inet.quiet = isQuiet(dev)
  inet.token = undefined
  inet.addrGenMode = 0
  inet.proxyNdp = 0
  inet.proxyDelay6 = PROXY_DELAY
}
