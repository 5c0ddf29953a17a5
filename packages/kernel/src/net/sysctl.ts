import { errno } from '@netkit/netlink'
import type { Core } from './core.ts'
import { findDeviceSetting, readDeviceSetting, setForwarding, writeDeviceSetting } from './device-sysctl.ts'
import type { IpSettings } from './ip-settings.ts'
import type { NetNamespace } from './namespace.ts'
import { readTcpSysctl, writeTcpSysctl } from './tcp-sysctl.ts'

type Key = { [K in keyof IpSettings]: IpSettings[K] extends number ? K : never }[keyof IpSettings]

const INT_MAX = 0x7fff_ffff

/** Settings that are a number and nothing else happens: name, where it is, least and greatest. */
const NUMBERS: Readonly<Record<string, readonly [key: Key, min: number, max: number]>> = {
  'net.ipv4.ip_default_ttl': ['defaultTtl', 1, 255],
  'net.ipv4.icmp_echo_ignore_all': ['echoIgnoreAll', 0, 1],
  'net.ipv4.icmp_echo_ignore_broadcasts': ['echoIgnoreBroadcasts', 0, 1],
  'net.ipv4.icmp_ratelimit': ['icmpRateLimit', 0, INT_MAX],
  'net.ipv4.icmp_ratemask': ['icmpRateMask', 0, INT_MAX],
  'net.ipv4.icmp_msgs_per_sec': ['icmpPerSecond', 0, INT_MAX],
  'net.ipv4.icmp_msgs_burst': ['icmpBurst', 0, INT_MAX],
  'net.ipv4.ip_unprivileged_port_start': ['unprivilegedPort', 0, 65_535],
  'net.ipv4.ipfrag_high_thresh': ['fragmentBytes4', 0, INT_MAX],
  'net.ipv4.ipfrag_time': ['fragmentSeconds4', 0, INT_MAX],
  'net.ipv4.ipfrag_max_dist': ['fragmentMaxDist', 0, INT_MAX],
  'net.ipv6.ip6frag_high_thresh': ['fragmentBytes6', 0, INT_MAX],
  'net.ipv6.ip6frag_time': ['fragmentSeconds6', 0, INT_MAX],
  'net.ipv6.icmp.ratelimit': ['icmpRateLimit6', 0, INT_MAX],
  'net.ipv6.icmp.echo_ignore_all': ['echoIgnoreAll6', 0, 1],
  'net.ipv6.conf.all.forwarding': ['forwardAll6', 0, 1],
  'net.ipv6.conf.default.forwarding': ['forwardDefault6', 0, 1],
  'net.ipv4.conf.all.proxy_arp': ['proxyArpAll', -INT_MAX, INT_MAX],
  'net.ipv4.conf.all.proxy_arp_pvlan': ['proxyArpPvlanAll', -INT_MAX, INT_MAX],
  'net.ipv6.conf.all.proxy_ndp': ['proxyNdpAll', -INT_MAX, INT_MAX],
  'net.ipv6.conf.all.hop_limit': ['hopLimit6', 1, 255],
}

const FORWARD_ALL = new Set(['net.ipv4.ip_forward', 'net.ipv4.conf.all.forwarding'])
const FORWARD_DEFAULT = 'net.ipv4.conf.default.forwarding'
/** The value of a setting, as text; undefined if there is none of that name. */
export function readSysctl(ns: NetNamespace, name: string): string | undefined {
  const tcp = readTcpSysctl(ns, name)
  if (tcp !== undefined) return tcp
  const row = Object.hasOwn(NUMBERS, name) ? NUMBERS[name] : undefined
  if (row) return String(ns.settings[row[0]])
  if (FORWARD_ALL.has(name)) return String(ns.settings.forwardAll4)
  if (name === FORWARD_DEFAULT) return String(ns.settings.forwardDefault4)
  const found = findDeviceSetting(ns, name)
  return found && String(readDeviceSetting(found))
}

/** Sets a setting; 0 or a negative errno. */
export function writeSysctl(kernel: Core, ns: NetNamespace, name: string, text: string): number {
  if (readSysctl(ns, name) === undefined) return -errno.ENOENT
  if (readTcpSysctl(ns, name) !== undefined) {
    const result = writeTcpSysctl(ns, name, text)
    if (result === 0) kernel.changes++
    return result
  }
  if (!/^\s*-?\d{1,10}\s*$/.test(text)) return -errno.EINVAL
  const value = Number(text)
  const row = Object.hasOwn(NUMBERS, name) ? NUMBERS[name] : undefined
  if (row) {
    const [key, min, max] = row
    if (value < min || value > max) return -errno.EINVAL
    ns.settings[key] = value
  } else if (FORWARD_ALL.has(name)) forwardAll(kernel, ns, value)
  else if (name === FORWARD_DEFAULT) ns.settings.forwardDefault4 = value
  else {
    const found = findDeviceSetting(ns, name)
    if (found && !writeDeviceSetting(kernel, found, value)) return -errno.EINVAL
  }
  kernel.changes++
  return 0
}

/** One switch for all: devices that there are and those to come. */
function forwardAll(kernel: Core, ns: NetNamespace, value: number): void {
  ns.settings.forwardAll4 = value
  ns.settings.forwardDefault4 = value
  for (const dev of ns.sorted()) setForwarding(kernel, dev, value)
}
