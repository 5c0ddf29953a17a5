import { IFF_LOOPBACK } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { makeLinear, trim } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { be16, be32, isLoopback6, isMulticast6, readV6 } from '../core/address.ts'
import { DST, SRC } from '../core/flow.ts'
import * as h from '../core/headers.ts'
import type { IpStack } from '../core/stack.ts'
import { deliver6 } from './deliver.ts'
import { extensions, walkFrom } from './extensions.ts'
import { forward6 } from './forward.ts'
import { sendError6 } from './icmp-send.ts'

// Engines fold constants of the own module, not imported ones.
const {
  PKT_DATA,
  PKT_LENGTH,
  PKT_LINEAR,
  PKT_MARK,
  PKT_NETWORK,
  PKT_SHIFT,
  PKT_STATE,
  PKT_TRANSPORT,
  TYPE_MASK,
  TYPE_OTHERHOST,
} = layout
const { IP6_HEADER, RTN_LOCAL, RTN_MULTICAST, RTN_UNICAST } = h

/** Longest header of options: 256 units of 8 bytes. */
const LONGEST_OPTIONS = 2048

/** A packet with ethertype IPv6 has come in by `dev`. Source: RFC 8200, RFC 4291 §2.5.3 and §2.7; order of Linux. */
export function input6(stack: IpStack, dev: Device, handle: number): void {
  const { packets, path } = stack
  const i = handle << PKT_SHIFT
  if ((packets.table.fields[i + PKT_STATE] & TYPE_MASK) === TYPE_OTHERHOST) {
    dev.counters.rxOtherhostDropped++
    path.drop(dev, handle, DROP.OTHERHOST)
    return
  }
  const reason = checkHeader(stack, dev, handle)
  if (reason !== 0) {
    path.drop(dev, handle, reason)
    return
  }
  const at = packets.table.fields[i + PKT_NETWORK]
  if (packets.memory.u8[at + 6] === h.PROTO_HOPOPTS && !hopByHopPasses(stack, dev, handle)) return
  route(stack, dev, handle)
}

/** Looks at the header, cuts off what follows the packet; 0, or why it is dropped. Sets the flow's addresses. */
function checkHeader(stack: IpStack, dev: Device, handle: number): number {
  const { packets, flow } = stack
  const i = handle << PKT_SHIFT
  if (!makeLinear(packets, handle, IP6_HEADER)) return DROP.HDR_TRUNC
  const at = packets.table.fields[i + PKT_DATA]
  const { u8 } = packets.memory
  if (u8[at] >>> 4 !== 6) return DROP.NOT_SPECIFIED
  flow.v6 = true
  readV6(flow.words, SRC, u8, at + 8)
  readV6(flow.words, DST, u8, at + 24)
  if (!addressesPass(flow.words, (dev.flags & IFF_LOOPBACK) !== 0)) return DROP.IP_INADDRERRORS
  const length = be16(u8, at + 4) + IP6_HEADER
  if (length > packets.table.fields[i + PKT_LENGTH]) return DROP.PKT_TOO_SMALL
  trim(packets, handle, length)
  packets.table.fields[i + PKT_NETWORK] = at
  packets.table.fields[i + PKT_TRANSPORT] = at + IP6_HEADER
  return 0
}

function addressesPass(words: Int32Array, fromOurselves: boolean): boolean {
  if (isMulticast6(words, SRC)) return false
  if (!fromOurselves && (isLoopback6(words, SRC) || isLoopback6(words, DST))) return false
  if (!isMulticast6(words, DST)) return true
  const scope = (words[DST] >>> 16) & 0xf
  return scope !== 0 && (scope !== 1 || fromOurselves)
}

/** Options that every hop looks at. */
function hopByHopPasses(stack: IpStack, dev: Device, handle: number): boolean {
  const { packets, path } = stack
  const i = handle << PKT_SHIFT
  makeLinear(packets, handle, Math.min(packets.fields[i + PKT_LENGTH], IP6_HEADER + LONGEST_OPTIONS))
  const at = packets.table.fields[i + PKT_NETWORK]
  const end = packets.table.fields[i + PKT_DATA] + packets.table.fields[i + PKT_LINEAR]
  const { u8 } = packets.memory
  extensions.at = at + IP6_HEADER
  extensions.nextAt = at + 6
  const stop = extensions.at + 8 > end ? end : Math.min(end, extensions.at + ((u8[extensions.at + 1] + 1) << 3))
  const passes = walkFrom(u8, h.PROTO_HOPOPTS, stop, extensions, true)
  // What follows is not there for this walk: it only says so of later headers.
  if (passes || (extensions.at >= stop && extensions.at > at + IP6_HEADER)) return true
  const { faultAt, faultCode } = extensions
  if (faultCode >= 0) sendError6(stack, dev, handle, h.ICMP6_PARAMPROB, faultCode, faultAt - at, false)
  path.drop(dev, handle, DROP.IPV6_BAD_EXTHDR)
  return false
}

function route(stack: IpStack, dev: Device, handle: number): void {
  const { flow, packets, path } = stack
  const { u8 } = packets.memory
  const i = handle << PKT_SHIFT
  const at = packets.table.fields[i + PKT_NETWORK]
  flow.iif = dev.ifindex
  flow.oif = 0
  flow.tos = (be32(u8, at) >>> 20) & 0xff
  flow.mark = packets.table.fields[i + PKT_MARK]
  flow.protocol = u8[at + 6]
  if (isMulticast6(flow.words, DST)) {
    flow.type = RTN_MULTICAST
    if (stack.routing.hasGroup(dev, flow.words, DST)) deliver6(stack, dev, handle)
    else path.drop(dev, handle, DROP.IP_INADDRERRORS)
    return
  }
  stack.routing.input(dev.ns, flow)
  if (flow.error === 0 && flow.type === RTN_LOCAL) deliver6(stack, dev, handle)
  else if (flow.error !== 0 || flow.type === RTN_UNICAST) forward6(stack, dev, handle)
  else path.drop(dev, handle, DROP.IP_INADDRERRORS)
}
