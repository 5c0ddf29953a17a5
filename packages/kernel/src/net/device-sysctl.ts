import type { Core } from './core.ts'
import type { Device } from './device.ts'
import { disableLro } from './features.ts'
import { FORWARDING } from './forwarding.ts'
import type { InetState } from './inet.ts'
import type { NetNamespace } from './namespace.ts'
import { PROXY_ARP, PROXY_ARP_PVLAN } from './proxy-switches.ts'

const INT_MAX = 0x7fff_ffff

type Key = 'proxyNdp' | 'proxyDelay4' | 'proxyDelay6'

interface DeviceSetting {
  /** The family that has it. */
  readonly family: 'v4' | 'v6'
  /** Where it is: by name, or the position among the settings of IPv4. */
  readonly at: Key | number
  /** Least and greatest. */
  readonly min: number
  readonly max: number
}

/** Settings of one device, by their names without that of the device. */
const SETTINGS: Readonly<Record<string, DeviceSetting>> = {
  'net.ipv4.conf.forwarding': { family: 'v4', at: FORWARDING, min: -INT_MAX, max: INT_MAX },
  'net.ipv4.conf.proxy_arp': { family: 'v4', at: PROXY_ARP, min: -INT_MAX, max: INT_MAX },
  'net.ipv4.conf.proxy_arp_pvlan': { family: 'v4', at: PROXY_ARP_PVLAN, min: -INT_MAX, max: INT_MAX },
  'net.ipv4.neigh.proxy_delay': { family: 'v4', at: 'proxyDelay4', min: 0, max: INT_MAX },
  'net.ipv6.conf.proxy_ndp': { family: 'v6', at: 'proxyNdp', min: -INT_MAX, max: INT_MAX },
  'net.ipv6.neigh.proxy_delay': { family: 'v6', at: 'proxyDelay6', min: 0, max: INT_MAX },
}

const NAME = /^(net\.ipv[46]\.(?:conf|neigh))\.(.+)\.(\w+)$/

/** A setting of a device that has it. */
export interface FoundSetting {
  readonly setting: DeviceSetting
  readonly dev: Device
  readonly inet: InetState
}

/** Which setting of which device a name means; undefined if there is none. A `/` stands for a `.` in the name of a device. */
export function findDeviceSetting(ns: NetNamespace, name: string): FoundSetting | undefined {
  const match = NAME.exec(name)
  if (!match) return undefined
  const key = `${match[1]}.${match[3]}`
  const setting = Object.hasOwn(SETTINGS, key) ? SETTINGS[key] : undefined
  const dev = ns.names.get(match[2].replaceAll('/', '.'))
  return setting && dev?.inet?.[setting.family] ? { setting, dev, inet: dev.inet } : undefined
}

export function readDeviceSetting({ setting: { at }, inet }: FoundSetting): number {
  return typeof at === 'number' ? (inet.v4Settings?.get(at) ?? 0) : inet[at]
}

/** False: the value is out of range. */
export function writeDeviceSetting(kernel: Core, { setting, dev, inet }: FoundSetting, value: number): boolean {
  const { at, min, max } = setting
  if (value < min || value > max) return false
  if (at === FORWARDING) setForwarding(kernel, dev, value)
  else if (typeof at === 'number') {
    inet.v4Settings ??= new Map()
    inet.v4Settings.set(at, value)
  } else inet[at] = value
  return true
}

/** Whether a device sends on what is for others. */
export function setForwarding(kernel: Core, dev: Device, value: number): void {
  if (!dev.inet) return
  dev.inet.v4Settings ??= new Map()
  dev.inet.v4Settings.set(FORWARDING, value)
  if (value !== 0) disableLro(kernel, dev)
}
