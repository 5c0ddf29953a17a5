import type { TcpContext } from './context.ts'
import * as n from './numbers.ts'
import { scaleFor } from './receive-window.ts'
import type { Segment } from './segment.ts'
import { growSendBuffer } from './send-limit.ts'
import type { TcpSocket } from './socket.ts'
import { KEEP_ALIVE, RETRANSMIT } from './socket-timers.ts'
import { findWay, learnMss } from './way.ts'

/** Segments that may be sent before the first ACK. Source: RFC 6928. */
const INITIAL_SEGMENTS = 10

/** A first sequence number that others cannot guess: a clock of 4 µs, and a hash of addresses and ports. Source: RFC 6528. */
export function chooseSequence({ stack }: TcpContext, socket: TcpSocket): void {
  let hash = stack.secret ^ socket.port ^ (socket.remotePort << 16)
  for (let word = 0; word < 4; word++) {
    hash = Math.imul(hash ^ socket.local[word], 0x85ebca6b) ^ (hash >>> 13)
    hash = Math.imul(hash ^ socket.remote[word], 0xc2b2ae35) ^ (hash >>> 16)
  }
  hash = Math.imul(hash ^ stack.secret, 0x9e3779b1)
  socket.iss = (hash + Math.floor(stack.clock.micros / 4)) | 0
  socket.una = socket.iss
  socket.nxt = socket.iss
  socket.bufferStart = (socket.iss + 1) | 0
  socket.highestArrived = socket.iss
  socket.smallEnd = socket.iss
  socket.tsOffset = Math.imul(hash, 0x85ebca6b)
}

/** A SYN is to be sent as soon as what was received is dealt with. */
export function sendSynSoon(tcp: TcpContext, socket: TcpSocket): void {
  socket.synDue = true
  tcp.want(socket)
}

/** What the namespace allows a connection to agree on. */
export function proposeOptions(socket: TcpSocket): void {
  const { tcp } = socket.ns.settings
  socket.sackOk = tcp.sack !== 0
  socket.timestamps = tcp.timestamps !== 0
  socket.scaling = tcp.windowScaling !== 0
  socket.receiveScale = socket.scaling ? scaleFor(socket) : 0
}

/** What both sides can: `segment` is the other one's SYN. Source: RFC 7323 §1.3, RFC 2018 §2. */
export function agree({ stack }: TcpContext, socket: TcpSocket, segment: Segment): void {
  socket.irs = segment.seq
  socket.rcvNxt = (segment.seq + 1) | 0
  socket.windowEdge = socket.rcvNxt
  socket.lastAckSent = socket.rcvNxt
  socket.sackOk &&= segment.sackPermitted
  socket.timestamps &&= segment.hasTimestamps
  socket.scaling &&= segment.scale >= 0
  socket.sendScale = socket.scaling ? segment.scale : 0
  if (!socket.scaling) socket.receiveScale = 0
  if (socket.timestamps) {
    socket.tsRecent = segment.tsValue
    socket.tsRecentAt = stack.clock.now
  }
  const otherwise = socket.over4 ? n.DEFAULT_MSS4 : n.DEFAULT_MSS6
  socket.peerMss = Math.max(n.LEAST_MSS, segment.mss === 0 ? otherwise : segment.mss)
  // Never scaled in a SYN.
  socket.sendWindow = segment.window
  socket.largestWindow = segment.window
  socket.windowSeq = segment.seq
  socket.windowAck = segment.ack
}

/** Both sides agree: data may flow. */
export function establish(tcp: TcpContext, socket: TcpSocket): void {
  const { stack } = tcp
  const { clock } = stack
  socket.state = n.ESTABLISHED
  socket.pathMtu = 0
  if (findWay(stack, socket) === 0) learnMss(socket, stack.sending)
  socket.receivedMss = Math.min(socket.mss, 536)
  socket.window = INITIAL_SEGMENTS * socket.mss
  socket.threshold = 0x7fff_ffff
  socket.control.begin(socket)
  if (socket.retries === 0) socket.rtt.measure(clock.micros - socket.synSentAt, clock.micros)
  else socket.rtt.arrived()
  socket.retries = 0
  socket.firstRetryAt = 0
  socket.softError = 0
  socket.highestArrived = socket.una
  socket.quickAcks = 16
  socket.readSince = clock.now
  socket.lastReceived = clock.now
  growSendBuffer(socket)
  socket.timers.cancel(RETRANSMIT)
  startKeepAlive(socket)
  tcp.want(socket)
  socket.changed()
}

/** Watches over a connection on which nothing happens. */
export function startKeepAlive(socket: TcpSocket): void {
  if (!socket.keepAlive) return
  socket.timers.set(KEEP_ALIVE, 1000 * (socket.keepIdle || socket.ns.settings.tcp.keepaliveTime))
}
