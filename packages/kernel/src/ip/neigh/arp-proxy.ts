import type { Device } from '../../net/device.ts'
import { forwards4 } from '../../net/forwarding.ts'
import { proxiesArp, proxiesArpOnLink } from '../../net/proxy-switches.ts'
import { DST, type Flow, SRC } from '../core/flow.ts'
import { RTN_UNICAST } from '../core/headers.ts'
import type { IpStack } from '../core/stack.ts'

/**
 * Whether a device that forwards answers a request for an address that is not ours: packets for it leave by another device, and
 * the device answers for all of those (RFC 1027) or has the address as a proxy; or they leave by the same, and neighbours reach
 * each other through us (RFC 3069). `route`: the way from who asks to the address.
 */
export function answersForOthers4(stack: IpStack, dev: Device, route: Flow): boolean {
  if (route.error !== 0 || route.type !== RTN_UNICAST || !forwards4(dev)) return false
  const { words } = route
  if (route.dev === dev) return words[SRC + 3] !== words[DST + 3] && proxiesArpOnLink(dev)
  return proxiesArp(dev) || stack.neighbours4.proxies.find(dev.ns, dev, words.subarray(DST, DST + 4)) !== undefined
}
