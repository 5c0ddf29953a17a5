import { IFF_LOOPBACK } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import { fold, sumPacket } from '../../packet/checksum.ts'
import { DROP } from '../../packet/drop-reason.ts'
import * as layout from '../../packet/fields.ts'
import { be16, be32, copyWords, isMulticast4, isZeronet4, put16, put32, setV4 } from '../core/address.ts'
import { DST, type Flow, SRC } from '../core/flow.ts'
import * as h from '../core/headers.ts'
import { quote } from '../core/quote.ts'
import type { IpStack } from '../core/stack.ts'
import { type Header4, putHeader4 } from './header.ts'
import { send4 } from './output.ts'

const { PKT_DATA, PKT_LINEAR, PKT_NETWORK, PKT_SHIFT, PKT_STATE, TYPE_HOST, TYPE_MASK } = layout

/** No error is longer than this, IP header included. Source: RFC 1812 §4.3.2.3. */
const LONGEST = 576
const PRECEDENCE_INTERNET_CONTROL = 0xc0
/** Bits of the type of service that routing looks at. */
const ROUTED_TOS = 0x1e
const ERRORS: ReadonlySet<number> = new Set([
  h.ICMP_DEST_UNREACH,
  h.ICMP_SOURCE_QUENCH,
  h.ICMP_REDIRECT,
  h.ICMP_TIME_EXCEEDED,
  h.ICMP_PARAMETERPROB,
])

const header: Header4 = { ttl: 0, tos: 0, id: 0, fragment: 0 }

/** Completes and sends an ICMP message that begins with its ICMP header. `flow` is answered. */
export function sendIcmp4(stack: IpStack, ns: NetNamespace, flow: Flow, handle: number, tos: number): void {
  const { packets } = stack
  const at = packets.fields[(handle << PKT_SHIFT) + PKT_DATA]
  put16(packets.memory.u8, at + 2, 0)
  const sum = sumPacket(packets, handle, 0)
  if (sum < 0) {
    packets.drop(handle, DROP.UNREADABLE)
    return
  }
  put16(packets.memory.u8, at + 2, fold(sum) ^ 0xffff)
  flow.protocol = h.PROTO_ICMP
  header.ttl = ns.settings.defaultTtl
  header.tos = tos
  header.id = stack.nextId()
  header.fragment = 0
  if (!putHeader4(stack, flow, handle, header)) packets.drop(handle, DROP.NOMEM)
  else if (!send4(stack, flow, handle)) packets.drop(handle, DROP.PKT_TOO_BIG)
}

/** Whether an error may be sent about a packet at all. Source: RFC 1122 §3.2.2. */
function mayAnswer(stack: IpStack, handle: number, type: number): boolean {
  const { fields, memory } = stack.packets
  const i = handle << PKT_SHIFT
  const { u8 } = memory
  const at = fields[i + PKT_NETWORK]
  if ((fields[i + PKT_STATE] & TYPE_MASK) !== TYPE_HOST || (be16(u8, at + 6) & h.IP_OFFSET) !== 0) return false
  const source = be32(u8, at + 12)
  const destination = be32(u8, at + 16)
  if (isMulticast4(destination) || destination === -1) return false
  if (isMulticast4(source) || isZeronet4(source) || source === -1) return false
  if (!ERRORS.has(type) || u8[at + 9] !== h.PROTO_ICMP) return true
  const transport = at + ((u8[at] & 0xf) << 2)
  const end = fields[i + PKT_DATA] + fields[i + PKT_LINEAR]
  if (transport >= end) return false
  return u8[transport] <= h.NR_ICMP_TYPES && !ERRORS.has(u8[transport])
}

function limited(stack: IpStack, ns: NetNamespace, dev: Device, flow: Flow, type: number, code: number): boolean {
  if (type === h.ICMP_DEST_UNREACH && code === h.ICMP_FRAG_NEEDED) return false
  if ((dev.flags & IFF_LOOPBACK) !== 0) return false
  const { icmpRateLimit, icmpRateMask } = ns.settings
  if (((1 << type) & icmpRateMask) === 0) return false
  return !stack.limits.allow(ns, flow.words, DST, icmpRateLimit)
}

/**
 * Sends an ICMP error about a packet that was received, which stays the caller's. `info`: the second word of the header.
 * `local`: the packet was for an address of ours, which the error then comes from. Source: RFC 792, RFC 1812 §4.3.2.
 */
export function sendError4(
  stack: IpStack,
  ns: NetNamespace,
  handle: number,
  type: number,
  code: number,
  info: number,
  local: boolean,
): void {
  const { packets, sending: flow } = stack
  if (!mayAnswer(stack, handle, type)) return
  const i = handle << PKT_SHIFT
  const at = packets.fields[i + PKT_NETWORK]
  const { u8 } = packets.memory
  const tos = ERRORS.has(type) ? (u8[at + 1] & ROUTED_TOS) | PRECEDENCE_INTERNET_CONTROL : u8[at + 1]
  flow.v6 = false
  flow.oif = 0
  flow.iif = 0
  flow.mark = 0
  flow.tos = tos & ROUTED_TOS
  flow.protocol = h.PROTO_ICMP
  setV4(flow.words, SRC, local ? be32(u8, at + 16) : 0)
  setV4(flow.words, DST, be32(u8, at + 12))
  stack.routing.output(ns, flow)
  const { dev } = flow
  if (flow.error !== 0 || dev === undefined || flow.type === h.RTN_BROADCAST || flow.type === h.RTN_MULTICAST) return
  if (limited(stack, ns, dev, flow, type, code)) return
  const error = quote(packets, handle, Math.min(LONGEST, flow.mtu) - h.IP4_HEADER - h.ICMP_HEADER)
  if (error < 0) return
  const out = packets.fields[(error << PKT_SHIFT) + PKT_DATA]
  packets.memory.u8[out] = type
  packets.memory.u8[out + 1] = code
  put32(packets.memory.u8, out + 4, info)
  copyWords(flow.words, SRC, flow.source, 0)
  sendIcmp4(stack, ns, flow, error, tos)
}
