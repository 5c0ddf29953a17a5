import type { Device } from './device.ts'

/** Positions of `proxy_arp` and `proxy_arp_pvlan` among the settings of IPv4 on a device. */
export const PROXY_ARP = 2
export const PROXY_ARP_PVLAN = 24

const isSet = (dev: Device, position: number): boolean => (dev.inet?.v4Settings?.get(position) ?? 0) !== 0

/** Whether a device answers for all that it forwards to by other devices. Source: RFC 1027. */
export const proxiesArp = (dev: Device): boolean => dev.ns.settings.proxyArpAll !== 0 || isSet(dev, PROXY_ARP)

/** Whether it answers for neighbours that cannot reach each other on its own link. Source: RFC 3069. */
export const proxiesArpOnLink = (dev: Device): boolean =>
  dev.ns.settings.proxyArpPvlanAll !== 0 || isSet(dev, PROXY_ARP_PVLAN)

/** Whether a device answers for the proxies of IPv6 that it has. */
export const proxiesNdp = (dev: Device): boolean => dev.ns.settings.proxyNdpAll !== 0 || (dev.inet?.proxyNdp ?? 0) !== 0
