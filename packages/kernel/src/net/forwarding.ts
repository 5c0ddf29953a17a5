import type { Device } from './device.ts'

/** Position of `forwarding` among the settings of IPv4 on a device. */
export const FORWARDING = 0

/** Whether IPv4 packets that come in by a device and are for others are sent on. */
export const forwards4 = (dev: Device): boolean => (dev.inet?.v4Settings?.get(FORWARDING) ?? 0) !== 0

/** IPv6 has one switch for the whole namespace. */
export const forwards6 = (dev: Device): boolean => dev.ns.settings.forwardAll6 !== 0
