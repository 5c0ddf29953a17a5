import type { Device } from '../../net/device.ts'
import { makeLinear } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { DST } from '../core/flow.ts'
import { NDP_REDIRECT, NDP_ROUTER_SOLICIT, PROTO_ICMP6 } from '../core/headers.ts'
import type { IpStack } from '../core/stack.ts'
import { extensions, walkExtensions } from './extensions.ts'

const { PKT_DATA, PKT_LENGTH, PKT_LINEAR, PKT_NETWORK, PKT_SHIFT } = layout

/** Headers are looked for in the first bytes of a packet. */
const FAR = 4096

/**
 * Whether a packet to somebody else, whose destination is `stack.flow`'s, is of neighbour discovery and about a proxy: it is
 * taken as if it were for us. Only the switch of all devices counts here, as in Linux.
 */
export function isForProxy(stack: IpStack, dev: Device, handle: number): boolean {
  if (dev.ns.settings.proxyNdpAll === 0) return false
  const { words } = stack.flow
  if (stack.neighbours6.proxies.find(dev.ns, dev, words.subarray(DST, DST + 4)) === undefined) return false
  const { packets } = stack
  const i = handle << PKT_SHIFT
  makeLinear(packets, handle, Math.min(packets.fields[i + PKT_LENGTH], FAR))
  const { u8 } = packets.memory
  const end = packets.fields[i + PKT_DATA] + packets.fields[i + PKT_LINEAR]
  if (!walkExtensions(u8, packets.fields[i + PKT_NETWORK], end, extensions)) return false
  const { at, next } = extensions
  return next === PROTO_ICMP6 && at < end && u8[at] >= NDP_ROUTER_SOLICIT && u8[at] <= NDP_REDIRECT
}
