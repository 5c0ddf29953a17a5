import { errno, IFF_LOOPBACK } from '@netkit/netlink'
import { fold, sumPacket } from '../../packet/checksum.ts'
import { COPY } from '../../packet/copy-reason.ts'
import * as layout from '../../packet/fields.ts'
import { copyWords, isAny, isLinkLocal6, isMulticast4, isMulticast6, isV4, put16 } from '../core/address.ts'
import { DST, type Flow, SRC } from '../core/flow.ts'
import * as h from '../core/headers.ts'
import type { IpStack } from '../core/stack.ts'
import { leaveChecksum, pseudoHeader } from '../core/transport-checksum.ts'
import { type Header4, putHeader4 } from '../v4/header.ts'
import { send4 } from '../v4/output.ts'
import { putHeader6 } from '../v6/header.ts'
import { sendIcmp6 } from '../v6/icmp-send.ts'
import { send6 } from '../v6/output.ts'
import type { DatagramSocket } from './socket.ts'

// Engines fold constants of the own module, not imported ones.
const { FLAG_IGNORE_DF, PKT_DATA, PKT_LENGTH, PKT_MARK, PKT_NETWORK, PKT_PRIORITY, PKT_SHIFT, PKT_SOCKET, PKT_STATE } =
  layout
const { IP4_HEADER, IP6_HEADER, IP_DF, PROTO_ICMP, PROTO_UDP, RTN_BROADCAST, RTN_MULTICAST, UDP_HEADER } = h

/** Bytes before the payload: Ethernet, IPv6, UDP, and a fragment header more. */
const HEADROOM = 96
const LONGEST = 0xffff
const PMTUDISC_DONT = 0
const PMTUDISC_WANT = 1
const PMTUDISC_DO = 2
const PMTUDISC_PROBE = 3

const header: Header4 = { ttl: 0, tos: 0, id: 0, fragment: 0 }
const none = new Int32Array(4)

/**
 * Sends a datagram from a socket that has a port to `words[at ..]` and `port`. `scope`: ifindex of a link-local destination. Of
 * an ICMP socket it is a whole ICMP message, whose identifier and checksum are the kernel's business. Returns the number of
 * bytes, or a negative errno. What is sent leaves with the stack's `flush`.
 */
export function sendFrom(
  stack: IpStack,
  socket: DatagramSocket,
  bytes: Uint8Array,
  words: Int32Array,
  at: number,
  port: number,
  scope = 0,
): number {
  const { sending: flow } = stack
  const v4 = isV4(words, at)
  if (bytes.length > LONGEST - (v4 ? IP4_HEADER : 0) - (socket.icmp ? 0 : UDP_HEADER)) return -errno.EMSGSIZE
  const failed = socket.takeError()
  if (failed !== 0) return -failed
  const error = findWay(stack, socket, flow, words, at, scope, v4)
  if (error !== 0) return error
  const length = bytes.length + (socket.icmp ? 0 : UDP_HEADER)
  const total = length + (v4 ? IP4_HEADER : IP6_HEADER)
  if (total > flow.mtu && mustNotFragment(socket)) return -errno.EMSGSIZE
  const handle = fill(stack, socket, bytes, port)
  if (handle < 0) return -errno.ENOBUFS
  if (v4) return dispatch4(stack, socket, flow, handle, total, bytes.length)
  return dispatch6(stack, socket, flow, handle, length, bytes.length)
}

const mustNotFragment = (socket: DatagramSocket): boolean =>
  socket.pathMtu === PMTUDISC_DO || socket.pathMtu === PMTUDISC_PROBE

/** Asks routing; 0 with the flow's source set, or a negative errno. */
function findWay(
  stack: IpStack,
  socket: DatagramSocket,
  flow: Flow,
  words: Int32Array,
  at: number,
  scope: number,
  v4: boolean,
): number {
  flow.v6 = !v4
  flow.iif = 0
  flow.mark = socket.mark
  flow.tos = (v4 ? socket.tos : socket.trafficClass) & (v4 ? 0x1e : 0xff)
  flow.protocol = socket.icmp ? (v4 ? PROTO_ICMP : h.PROTO_ICMP6) : PROTO_UDP
  copyWords(flow.words, DST, words, at)
  if (isAny(socket.local, 0)) {
    copyWords(flow.words, SRC, none, 0)
    if (v4) flow.words[SRC + 2] = 0xffff
  } else copyWords(flow.words, SRC, socket.local, 0)
  const toGroup = v4 ? isMulticast4(words[at + 3]) : isMulticast6(words, at)
  flow.oif = socket.device
  if (flow.oif === 0 && !v4 && (toGroup || isLinkLocal6(words, at))) flow.oif = scope || socket.scope
  if (flow.oif === 0 && toGroup) flow.oif = socket.multicastDevice
  stack.routing.output(socket.ns, flow)
  if (flow.error !== 0) return flow.error
  if (flow.dev === undefined) return -errno.ENETUNREACH
  if (flow.type === RTN_BROADCAST && !socket.broadcast) return -errno.EACCES
  copyWords(flow.words, SRC, flow.source, 0)
  if ((flow.dev.flags & IFF_LOOPBACK) === 0) flow.mtu = stack.mtus.of(socket.ns, flow.words, DST, flow.mtu)
  return 0
}

/** A packet that begins with its transport header. */
function fill(stack: IpStack, socket: DatagramSocket, bytes: Uint8Array, port: number): number {
  const { packets } = stack
  const header = socket.icmp ? 0 : UDP_HEADER
  const handle = packets.allocFromArray(bytes, COPY.userIn, HEADROOM + header)
  if (handle < 0) return handle
  const { fields } = packets.table
  const i = handle << PKT_SHIFT
  const { u8 } = packets.memory
  if (header !== 0) {
    const at = fields[i + PKT_DATA] - header
    fields[i + PKT_DATA] = at
    fields[i + PKT_LENGTH] += header
    fields[i + layout.PKT_LINEAR] += header
    put16(u8, at, socket.port)
    put16(u8, at + 2, port)
    put16(u8, at + 4, bytes.length + header)
  } else {
    const at = fields[i + PKT_DATA]
    put16(u8, at + 2, 0)
    put16(u8, at + 4, socket.port)
  }
  fields[i + PKT_MARK] = socket.mark
  fields[i + PKT_PRIORITY] = socket.priority
  fields[i + PKT_SOCKET] = socket.number
  return handle
}

function ttlOf(socket: DatagramSocket, flow: Flow): number {
  if (flow.type === RTN_MULTICAST) return flow.v6 ? socket.multicastHops : socket.multicastTtl
  const own = flow.v6 ? socket.hopLimit : socket.ttl
  if (own >= 0) return own
  return flow.v6 ? socket.ns.settings.hopLimit6 : socket.ns.settings.defaultTtl
}

function dispatch4(
  stack: IpStack,
  socket: DatagramSocket,
  flow: Flow,
  handle: number,
  total: number,
  sent: number,
): number {
  const { packets } = stack
  const whole = total <= flow.mtu && socket.pathMtu !== PMTUDISC_DONT
  const df = (whole && socket.pathMtu === PMTUDISC_WANT) || mustNotFragment(socket)
  header.ttl = ttlOf(socket, flow)
  header.tos = socket.tos
  header.fragment = df ? IP_DF : 0
  header.id = !df ? stack.nextId() : socket.connected ? nextOwn(socket) : 0
  if (socket.icmp) checksumIcmp(stack, handle)
  if (!putHeader4(stack, flow, handle, header)) return gone(stack, handle, errno.ENOBUFS)
  if (!socket.icmp) leaveUdpChecksum(stack, flow, handle, total - IP4_HEADER)
  if (socket.pathMtu === PMTUDISC_DONT) packets.fields[(handle << PKT_SHIFT) + PKT_STATE] |= FLAG_IGNORE_DF
  return send4(stack, flow, handle) ? sent : gone(stack, handle, errno.EMSGSIZE)
}

const nextOwn = (socket: DatagramSocket): number => {
  socket.id = (socket.id + 1) & 0xffff
  return socket.id
}

function dispatch6(
  stack: IpStack,
  socket: DatagramSocket,
  flow: Flow,
  handle: number,
  length: number,
  sent: number,
): number {
  if (socket.icmp) {
    sendIcmp6(stack, flow, handle, ttlOf(socket, flow), socket.trafficClass)
    return sent
  }
  if (!putHeader6(stack, flow, handle, ttlOf(socket, flow), socket.trafficClass)) {
    return gone(stack, handle, errno.ENOBUFS)
  }
  leaveUdpChecksum(stack, flow, handle, length)
  return send6(stack, flow, handle, true) ? sent : gone(stack, handle, errno.EMSGSIZE)
}

function gone(stack: IpStack, handle: number, error: number): number {
  stack.packets.free(handle)
  return -error
}

function checksumIcmp({ packets }: IpStack, handle: number): void {
  const at = packets.fields[(handle << PKT_SHIFT) + PKT_DATA]
  put16(packets.memory.u8, at + 2, fold(sumPacket(packets, handle, 0)) ^ 0xffff)
}

function leaveUdpChecksum({ packets }: IpStack, flow: Flow, handle: number, length: number): void {
  const network = packets.table.fields[(handle << PKT_SHIFT) + PKT_NETWORK]
  leaveChecksum(packets, handle, 6, pseudoHeader(packets, network, flow.v6, PROTO_UDP, length))
}
