import type { Device } from '../../net/device.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { copyWords, isLinkLocal6 } from '../core/address.ts'
import { DST, SRC } from '../core/flow.ts'
import type { TcpContext } from './context.ts'
import { ACK, RST, SYN, SYN_RECEIVED } from './numbers.ts'
import { agree, chooseSequence, proposeOptions, sendSynSoon } from './open.ts'
import { sendReset } from './reply.ts'
import type { Segment } from './segment.ts'
import type { TcpSocket } from './socket.ts'

/** A segment for a socket that listens. Its packet is gone afterwards. Source: RFC 9293 §3.10.7.2. */
export function inputListen(tcp: TcpContext, dev: Device, listener: TcpSocket, segment: Segment): void {
  const { path } = tcp.stack
  const { flags, handle } = segment
  const isFirst = (flags & (SYN | ACK | RST)) === SYN
  if (isFirst && hasRoom(listener)) {
    answer(tcp, dev, listener, segment)
    tcp.stack.packets.free(handle)
    return
  }
  path.drop(dev, handle, DROP.NOT_SPECIFIED)
  if ((flags & ACK) !== 0) sendReset(tcp.stack, dev, segment)
}

const hasRoom = (listener: TcpSocket): boolean =>
  listener.accepted.length <= listener.backlog && listener.halfOpen < listener.ns.settings.tcp.maxSynBacklog

/** A connection begins. */
function answer(tcp: TcpContext, dev: Device, listener: TcpSocket, segment: Segment): void {
  const { flow } = tcp.stack
  const socket = tcp.make(listener.ns, listener.v6, listener.uid)
  copyWords(socket.local, 0, flow.words, DST)
  copyWords(socket.remote, 0, flow.words, SRC)
  socket.remotePort = segment.sourcePort
  if (flow.v6 && isLinkLocal6(flow.words, SRC)) socket.scope = dev.ifindex
  inherit(socket, listener)
  socket.state = SYN_RECEIVED
  tcp.table.insertBound(socket, listener.port)
  tcp.table.insertConnection(socket)
  proposeOptions(socket)
  agree(tcp, socket, segment)
  chooseSequence(tcp, socket)
  listener.halfOpen++
  socket.parent = listener
  sendSynSoon(tcp, socket)
}

const INHERITED = [
  'reuseAddress',
  'reusePort',
  'v6only',
  'keepAlive',
  'priority',
  'mark',
  'tos',
  'trafficClass',
  'ttl',
  'hopLimit',
  'noDelay',
  'quickAck',
  'linger',
  'userMss',
  'keepIdle',
  'keepInterval',
  'keepCount',
  'userTimeout',
  'windowClamp',
  'receiveLimit',
  'sendLimit',
  'receiveLocked',
  'sendLocked',
  'control',
  'device',
  'boundPort',
] as const

function inherit(socket: TcpSocket, listener: TcpSocket): void {
  const to = socket as unknown as Record<string, unknown>
  for (const key of INHERITED) to[key] = listener[key]
}
