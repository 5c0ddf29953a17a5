import { IFF_LOOPBACK } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import { fold, sumPacket } from '../../packet/checksum.ts'
import { DROP } from '../../packet/drop-reason.ts'
import * as layout from '../../packet/fields.ts'
import { copyWords, isAny6, isLinkLocal6, isMulticast6, put16, put32, readV6 } from '../core/address.ts'
import { DST, type Flow, SRC } from '../core/flow.ts'
import * as h from '../core/headers.ts'
import { quote } from '../core/quote.ts'
import type { IpStack } from '../core/stack.ts'
import { pseudoHeader } from '../core/transport-checksum.ts'
import { extensions, walkExtensions } from './extensions.ts'
import { putHeader6 } from './header.ts'
import { send6 } from './output.ts'

const { PKT_DATA, PKT_LENGTH, PKT_LINEAR, PKT_NETWORK, PKT_SHIFT, PKT_STATE, PKT_TRANSPORT, TYPE_HOST, TYPE_MASK } =
  layout

const NO_WORDS = new Int32Array(4)

/** Completes and sends an ICMPv6 message that begins with its ICMP header. `flow` is answered, its addresses are set. */
export function sendIcmp6(stack: IpStack, flow: Flow, handle: number, hopLimit: number, trafficClass = 0): void {
  const { packets } = stack
  const length = packets.fields[(handle << PKT_SHIFT) + PKT_LENGTH]
  flow.protocol = h.PROTO_ICMP6
  if (!putHeader6(stack, flow, handle, hopLimit, trafficClass)) {
    packets.drop(handle, DROP.NOMEM)
    return
  }
  const i = handle << PKT_SHIFT
  const transport = packets.fields[i + PKT_TRANSPORT]
  const { u8 } = packets.memory
  put16(u8, transport + 2, 0)
  const pseudo = pseudoHeader(packets, packets.fields[i + PKT_NETWORK], true, h.PROTO_ICMP6, length)
  const sum = sumPacket(packets, handle, transport - packets.fields[i + PKT_DATA])
  if (sum < 0) {
    packets.drop(handle, DROP.UNREADABLE)
    return
  }
  put16(u8, transport + 2, fold(sum + pseudo) ^ 0xffff)
  if (!send6(stack, flow, handle, true)) packets.drop(handle, DROP.PKT_TOO_BIG)
}

/** Whether an error may be sent about a packet at all. Source: RFC 4443 §2.4 (e). */
function mayAnswer(stack: IpStack, handle: number, type: number, code: number): boolean {
  const { fields, memory } = stack.packets
  const i = handle << PKT_SHIFT
  const at = fields[i + PKT_NETWORK]
  const { flow } = stack
  const { u8 } = memory
  readV6(flow.words, SRC, u8, at + 8)
  readV6(flow.words, DST, u8, at + 24)
  const toMany = isMulticast6(flow.words, DST) || (fields[i + PKT_STATE] & TYPE_MASK) !== TYPE_HOST
  const evenThen = type === h.ICMP6_PKT_TOOBIG || (type === h.ICMP6_PARAMPROB && code === h.ICMP6_UNK_OPTION)
  if (toMany && !evenThen) return false
  if (isAny6(flow.words, SRC) || isMulticast6(flow.words, SRC)) return false
  const end = fields[i + PKT_DATA] + fields[i + PKT_LINEAR]
  if (!walkExtensions(u8, at, end, extensions) || extensions.next !== h.PROTO_ICMP6) return true
  return extensions.at < end && u8[extensions.at] >= h.ICMP6_FIRST_INFO
}

function limited(stack: IpStack, ns: NetNamespace, dev: Device, flow: Flow, type: number): boolean {
  if (type === h.ICMP6_PKT_TOOBIG || (dev.flags & IFF_LOOPBACK) !== 0) return false
  return !stack.limits.allow(ns, flow.words, DST, ns.settings.icmpRateLimit6)
}

/**
 * Sends an ICMPv6 error about a packet that came in by `from`; it stays the caller's. `info`: the second word of the header.
 * `local`: the packet was for an address of ours, which the error then comes from. Source: RFC 4443 §3.
 */
export function sendError6(
  stack: IpStack,
  from: Device,
  handle: number,
  type: number,
  code: number,
  info: number,
  local: boolean,
): void {
  const { packets, sending: flow } = stack
  if (!mayAnswer(stack, handle, type, code)) return
  const { ns } = from
  flow.v6 = true
  flow.iif = 0
  flow.mark = 0
  flow.tos = 0
  flow.protocol = h.PROTO_ICMP6
  if (local) copyWords(flow.words, SRC, stack.flow.words, DST)
  else copyWords(flow.words, SRC, NO_WORDS, 0)
  copyWords(flow.words, DST, stack.flow.words, SRC)
  // A link-local address means another host on every link.
  flow.oif = isLinkLocal6(flow.words, DST) ? from.ifindex : 0
  stack.routing.output(ns, flow)
  const { dev } = flow
  if (flow.error !== 0 || dev === undefined || limited(stack, ns, dev, flow, type)) return
  const error = quote(packets, handle, h.IP6_MIN_MTU - h.IP6_HEADER - h.ICMP_HEADER)
  if (error < 0) return
  const out = packets.fields[(error << PKT_SHIFT) + PKT_DATA]
  packets.memory.u8[out] = type
  packets.memory.u8[out + 1] = code
  put32(packets.memory.u8, out + 4, info)
  copyWords(flow.words, SRC, flow.source, 0)
  sendIcmp6(stack, flow, error, ns.settings.hopLimit6)
}
