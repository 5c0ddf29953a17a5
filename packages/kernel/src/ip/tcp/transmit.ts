import * as layout from '../../packet/fields.ts'
import { put16, put32 } from '../core/address.ts'
import type { Flow } from '../core/flow.ts'
import { IP_DF, PROTO_TCP } from '../core/headers.ts'
import type { IpStack } from '../core/stack.ts'
import { leaveChecksum, pseudoHeader } from '../core/transport-checksum.ts'
import { type Header4, putHeader4 } from '../v4/header.ts'
import { send4 } from '../v4/output.ts'
import { putHeader6 } from '../v6/header.ts'
import { send6 } from '../v6/output.ts'
import * as n from './numbers.ts'
import { optionBytes, synOptionBytes, writeOptions, writeSynOptions } from './option-writer.ts'
import { chooseWindow } from './receive-window.ts'
import { distance } from './sequence.ts'
import type { TcpSocket } from './socket.ts'
import { DELAYED_ACK } from './socket-timers.ts'
import { advertisedMss, findWay, learnMss } from './way.ts'

// Engines fold constants of the own module, not imported ones.
const { GSO_TCPV4, GSO_TCPV6, PKT_DATA, PKT_GSO, PKT_GSO_TYPE, PKT_LENGTH, PKT_MARK, PKT_NETWORK, PKT_PRIORITY } =
  layout
const { PKT_SHIFT, PKT_SOCKET } = layout
const { ACK, TCP_HEADER } = n

/** Bytes before a TCP header: Ethernet with a tag, IPv6, and some more. */
const HEADROOM = 96
const CHECKSUM_FIELD = 16

const header: Header4 = { ttl: 0, tos: 0, id: 0, fragment: IP_DF }

/**
 * Sends a segment of a connection: `length` bytes of its send buffer from `seq` on, by reference. More than a segment's worth goes as
 * one packet that is cut where a device cannot take it. False without memory or a way: it counts as lost.
 */
export function transmit(stack: IpStack, socket: TcpSocket, seq: number, length: number, flags: number): boolean {
  const error = findWay(stack, socket)
  if (error !== 0) {
    socket.softError = -error
    return false
  }
  const { packets, sending: flow } = stack
  learnMss(socket, flow)
  const bytes = TCP_HEADER + optionBytes(socket)
  const handle = packets.alloc(bytes, HEADROOM)
  if (handle < 0) return false
  if (length > 0 && !socket.sendBuffer.attach(handle, distance(seq, socket.bufferStart), length)) {
    packets.free(handle)
    return false
  }
  const at = packets.table.fields[(handle << PKT_SHIFT) + PKT_DATA]
  const { u8 } = packets.memory
  writeOptions(u8, at + TCP_HEADER, socket, (stack.clock.now + socket.tsOffset) | 0)
  writeHeader(u8, at, socket, seq, flags, bytes, chooseWindow(socket, socket.receiveScale))
  const mss = currentMss(socket)
  if (length > mss) segmentLater(stack, mss, handle, length, flow)
  noteAck(socket, flags)
  return dispatch(stack, socket, flow, handle)
}

/** Bytes of data that the next segment may have, beside the options that it will have. */
export const currentMss = (socket: TcpSocket): number =>
  socket.mss - optionBytes(socket) + (socket.timestamps ? n.TIMESTAMP_BYTES : 0)

function segmentLater({ packets }: IpStack, mss: number, handle: number, length: number, flow: Flow): void {
  const { fields } = packets.table
  const i = handle << PKT_SHIFT
  fields[i + PKT_GSO] = mss | (Math.ceil(length / mss) << 16)
  fields[i + PKT_GSO_TYPE] = flow.v6 ? GSO_TCPV6 : GSO_TCPV4
}

function writeHeader(
  u8: Uint8Array,
  at: number,
  socket: TcpSocket,
  seq: number,
  flags: number,
  bytes: number,
  window: number,
): void {
  put16(u8, at, socket.port)
  put16(u8, at + 2, socket.remotePort)
  put32(u8, at + 4, seq)
  put32(u8, at + 8, (flags & ACK) !== 0 ? socket.rcvNxt : 0)
  u8[at + 12] = (bytes >>> 2) << 4
  u8[at + 13] = flags
  put16(u8, at + 14, window)
  put32(u8, at + 16, 0)
}

/** What an ACK settles. */
function noteAck(socket: TcpSocket, flags: number): void {
  if ((flags & ACK) === 0) return
  socket.ackNow = false
  socket.unacked = 0
  socket.lastAckSent = socket.rcvNxt
  socket.duplicateEnd = socket.duplicateStart
  if (socket.quickAcks > 0) socket.quickAcks--
  socket.timers.cancel(DELAYED_ACK)
}

/** Sends a SYN, which says what we can do; one that answers says what both can. */
export function transmitSyn(stack: IpStack, socket: TcpSocket, flags: number): boolean {
  const error = findWay(stack, socket)
  if (error !== 0) {
    socket.softError = -error
    return false
  }
  const { packets, sending: flow } = stack
  const { sackOk, timestamps, scaling } = socket
  const bytes = TCP_HEADER + synOptionBytes(sackOk, timestamps, scaling)
  const handle = packets.alloc(bytes, HEADROOM)
  if (handle < 0) return false
  const at = packets.table.fields[(handle << PKT_SHIFT) + PKT_DATA]
  const { u8 } = packets.memory
  const now = (stack.clock.now + socket.tsOffset) | 0
  writeSynOptions(u8, at + TCP_HEADER, socket, advertisedMss(socket, flow), now, sackOk, timestamps, scaling)
  // The window of a SYN is never scaled.
  writeHeader(u8, at, socket, socket.iss, flags, bytes, chooseWindow(socket, 0))
  noteAck(socket, flags)
  return dispatch(stack, socket, flow, handle)
}

/** Gives a packet that begins with its TCP header the header before that, and sends it. */
function dispatch(stack: IpStack, socket: TcpSocket, flow: Flow, handle: number): boolean {
  const { packets } = stack
  const { fields } = packets.table
  const i = handle << PKT_SHIFT
  const length = fields[i + PKT_LENGTH]
  fields[i + PKT_MARK] = socket.mark
  fields[i + PKT_PRIORITY] = socket.priority
  fields[i + PKT_SOCKET] = socket.number
  socket.counters.segmentsOut += Math.max(1, fields[i + PKT_GSO] >>> 16)
  socket.lastSent = stack.clock.now
  const { settings } = socket.ns
  let sent: boolean
  if (flow.v6) {
    const hops = socket.hopLimit >= 0 ? socket.hopLimit : settings.hopLimit6
    if (!putHeader6(stack, flow, handle, hops, socket.trafficClass)) return gone(stack, handle)
    finish(stack, handle, true, length)
    sent = send6(stack, flow, handle, false)
  } else {
    header.ttl = socket.ttl >= 0 ? socket.ttl : settings.defaultTtl
    header.tos = socket.tos
    header.id = socket.identification
    socket.identification = (socket.identification + Math.max(1, fields[i + PKT_GSO] >>> 16)) & 0xffff
    if (!putHeader4(stack, flow, handle, header)) return gone(stack, handle)
    finish(stack, handle, false, length)
    sent = send4(stack, flow, handle)
  }
  return sent || gone(stack, handle)
}

function finish({ packets }: IpStack, handle: number, v6: boolean, length: number): void {
  const network = packets.table.fields[(handle << PKT_SHIFT) + PKT_NETWORK]
  leaveChecksum(packets, handle, CHECKSUM_FIELD, pseudoHeader(packets, network, v6, PROTO_TCP, length))
}

function gone({ packets }: IpStack, handle: number): boolean {
  packets.free(handle)
  return false
}
