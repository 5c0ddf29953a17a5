import { IFF_LOOPBACK } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { makeLinear, trim } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { be16, be32, isLoopback4, isMulticast4, isZeronet4, setV4 } from '../core/address.ts'
import { DST, SRC } from '../core/flow.ts'
import * as h from '../core/headers.ts'
import type { IpStack } from '../core/stack.ts'
import { deliver4 } from './deliver.ts'
import { forward4 } from './forward.ts'
import { sumHeader4 } from './header.ts'
import { sendError4 } from './icmp-send.ts'
import { checkOptions4, SOURCE_ROUTED } from './options.ts'

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
const { IP4_HEADER, RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST, RTN_UNICAST } = h

/** A packet with ethertype IPv4 has come in by `dev`. Source: RFC 1122 §3.2.1, RFC 1812 §5.2; order of Linux. */
export function input4(stack: IpStack, dev: Device, handle: number): void {
  const { packets, path } = stack
  const i = handle << PKT_SHIFT
  if ((packets.table.fields[i + PKT_STATE] & TYPE_MASK) === TYPE_OTHERHOST) {
    dev.counters.rxOtherhostDropped++
    path.drop(dev, handle, DROP.OTHERHOST)
    return
  }
  const reason = checkHeader(stack, handle)
  if (reason !== 0) {
    path.drop(dev, handle, reason)
    return
  }
  const { u8 } = packets.memory
  const at = packets.table.fields[i + PKT_DATA]
  const header = (u8[at] & 0xf) << 2
  if (header > IP4_HEADER && !optionsPass(stack, dev, handle, at, header)) return
  route(stack, dev, handle, at)
}

/** Looks at the header, cuts off what follows the packet; 0, or why it is dropped. */
function checkHeader(stack: IpStack, handle: number): number {
  const { packets } = stack
  const i = handle << PKT_SHIFT
  if (packets.table.fields[i + PKT_LINEAR] < IP4_HEADER && !makeLinear(packets, handle, IP4_HEADER)) {
    return DROP.PKT_TOO_SMALL
  }
  const first = packets.memory.u8[packets.table.fields[i + PKT_DATA]]
  const header = (first & 0xf) << 2
  if (first >>> 4 !== 4 || header < IP4_HEADER) return DROP.IP_INHDR
  if (header > packets.table.fields[i + PKT_LINEAR] && !makeLinear(packets, handle, header)) return DROP.IP_INHDR
  const { fields } = packets.table
  const { u8, i32 } = packets.memory
  const at = fields[i + PKT_DATA]
  if (sumHeader4(u8, i32, at, header) !== 0xffff) return DROP.IP_CSUM
  const length = be16(u8, at + 2)
  if (length > fields[i + PKT_LENGTH]) return DROP.PKT_TOO_SMALL
  if (length < header) return DROP.IP_INHDR
  if (length < fields[i + PKT_LENGTH]) trim(packets, handle, length)
  fields[i + PKT_NETWORK] = at
  fields[i + PKT_TRANSPORT] = at + header
  return 0
}

function optionsPass(stack: IpStack, dev: Device, handle: number, at: number, header: number): boolean {
  const fault = checkOptions4(stack.packets.memory.u8, at, header)
  if (fault === 0) return true
  if (fault !== SOURCE_ROUTED) sendError4(stack, dev.ns, handle, h.ICMP_PARAMETERPROB, 0, fault << 24, false)
  stack.path.drop(dev, handle, DROP.IP_INHDR)
  return false
}

/** Addresses that no packet from a link may have. `fromOurselves`: it comes back by the loopback device. */
function isMartian(source: number, destination: number, fromOurselves: boolean): boolean {
  if (isMulticast4(source) || source === -1) return true
  if (destination === -1 || (source | destination) === 0) return false
  if (isZeronet4(source) || isZeronet4(destination)) return true
  return !fromOurselves && (isLoopback4(source) || isLoopback4(destination))
}

function route(stack: IpStack, dev: Device, handle: number, at: number): void {
  const { flow, packets, path } = stack
  const { u8 } = packets.memory
  const source = be32(u8, at + 12)
  const destination = be32(u8, at + 16)
  flow.v6 = false
  setV4(flow.words, SRC, source)
  setV4(flow.words, DST, destination)
  flow.iif = dev.ifindex
  flow.oif = 0
  flow.tos = u8[at + 1] & 0x1e
  flow.mark = packets.table.fields[(handle << PKT_SHIFT) + PKT_MARK]
  flow.protocol = u8[at + 9]
  const fromOurselves = (dev.flags & IFF_LOOPBACK) !== 0
  if (isMulticast4(destination)) {
    flow.type = RTN_MULTICAST
    if (source !== -1 && !isMulticast4(source) && stack.routing.hasGroup(dev, flow.words, DST)) {
      deliver4(stack, dev, handle)
    } else path.drop(dev, handle, DROP.IP_INADDRERRORS)
    return
  }
  if (isMartian(source, destination, fromOurselves)) {
    path.drop(dev, handle, DROP.IP_INADDRERRORS)
    return
  }
  if (destination === -1 || (source | destination) === 0) {
    flow.type = RTN_BROADCAST
    flow.error = 0
  } else stack.routing.input(dev.ns, flow)
  if (flow.error === 0 && (flow.type === RTN_LOCAL || flow.type === RTN_BROADCAST)) {
    if (!fromOurselves && isOurs(stack, dev, source)) path.drop(dev, handle, DROP.IP_INADDRERRORS)
    else deliver4(stack, dev, handle)
  } else if (flow.error !== 0 || flow.type === RTN_UNICAST) forward4(stack, dev, handle)
  else path.drop(dev, handle, DROP.IP_INADDRERRORS)
}

/** Nobody else may speak from an address of ours. */
function isOurs(stack: IpStack, dev: Device, source: number): boolean {
  return source !== 0 && stack.routing.typeOf(dev.ns, stack.flow.words, SRC) === RTN_LOCAL
}
