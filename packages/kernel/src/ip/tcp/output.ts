import type { TcpContext } from './context.ts'
import * as n from './numbers.ts'
import { after, distance } from './sequence.ts'
import { RECOVERY, type TcpSocket } from './socket.ts'
import { PERSIST, RETRANSMIT, TAIL_PROBE } from './socket-timers.ts'
import { currentMss, transmit, transmitSyn } from './transmit.ts'

const { ACK, FIN, IN, PSH, SYN } = n

/** Bytes of data in one packet that is to be cut, headers left out. */
const MOST_AT_ONCE = 65_000
/** Shortest time until the end of what was sent is asked for, ms. Source: RFC 8985 §7.2. */
const LEAST_PROBE = 10
/** Longest that an ACK of a single segment is put off, ms. */
const ACK_DELAY = 200
const SENDS = n.MAY_SEND | IN(n.FIN_WAIT_1) | IN(n.CLOSING) | IN(n.LAST_ACK)

/**
 * Sends what may be sent now: what was lost, what is new, or else an ACK that is due. Sending may lead to segments being received
 * before it returns, so everything is looked at anew each time.
 */
export function output(tcp: TcpContext, socket: TcpSocket): void {
  if (socket.synDue) sendSyn(tcp, socket)
  if ((IN(socket.state) & SENDS) !== 0) {
    sendLost(tcp, socket)
    sendNew(tcp, socket)
  }
  if (socket.ackNow && (IN(socket.state) & n.SYNCHRONIZED) !== 0) transmit(tcp.stack, socket, socket.nxt, 0, ACK)
}

function sendSyn(tcp: TcpContext, socket: TcpSocket): void {
  socket.synDue = false
  if (socket.state !== n.SYN_SENT && socket.state !== n.SYN_RECEIVED) return
  if (socket.retries === 0) socket.synSentAt = tcp.stack.clock.micros
  socket.nxt = (socket.iss + 1) | 0
  socket.timers.set(RETRANSMIT, socket.rtt.next)
  transmitSyn(tcp.stack, socket, socket.state === n.SYN_SENT ? SYN : SYN | ACK)
}

/** What is lost goes first. */
function sendLost(tcp: TcpContext, socket: TcpSocket): void {
  const { flight } = socket
  for (let piece = flight.firstLost(); piece >= 0; piece = flight.firstLost()) {
    const mss = currentMss(socket)
    const room = socket.window - socket.pipe
    const isFirst = piece === 0 && socket.pipe < socket.window
    if (room < mss && !isFirst) {
      socket.windowInUse = true
      return
    }
    const most = Math.max(mss, Math.floor(Math.min(room, MOST_AT_ONCE) / mss) * mss)
    repeat(tcp, socket, piece, most)
  }
}

/** Sends a piece again, or its first `most` bytes. */
export function repeat(tcp: TcpContext, socket: TcpSocket, piece: number, most: number): void {
  const { flight, counters } = socket
  const { clock } = tcp.stack
  if (flight.length(piece) > most) flight.split(piece, (flight.start(piece) + most) | 0)
  const start = flight.start(piece)
  const dataEnd = (socket.bufferStart + socket.sendBuffer.bytes) | 0
  const withFin = after(flight.end(piece), dataEnd)
  const length = flight.length(piece) - (withFin ? 1 : 0)
  flight.repeat(piece, clock.micros)
  counters.retransmissions++
  counters.bytesRetransmitted += length
  if (socket.phase === RECOVERY) socket.prrSent += length
  if (!socket.timers.isSet(RETRANSMIT)) socket.timers.set(RETRANSMIT, socket.rtt.next)
  transmit(tcp.stack, socket, start, length, ACK | (withFin ? FIN : 0) | (length > 0 ? PSH : 0))
}

/** Data that was not sent yet, and a FIN behind it. */
function sendNew(tcp: TcpContext, socket: TcpSocket): void {
  restartAfterIdle(tcp, socket)
  socket.windowInUse = false
  while ((IN(socket.state) & SENDS) !== 0) {
    const left = socket.sendBuffer.bytes - distance(socket.nxt, socket.bufferStart)
    const finLeft = socket.finQueued && !socket.finSent
    if (left <= 0 && !finLeft) break
    const length = left <= 0 ? 0 : mayBeSent(socket, left)
    const withFin = finLeft && length >= left && roomOfPeer(socket) > length
    if (length === 0 && !withFin) break
    send(tcp, socket, length, withFin, length === left)
  }
  armProbes(socket)
}

const roomOfPeer = (socket: TcpSocket): number => distance((socket.una + socket.sendWindow) | 0, socket.nxt)

/** How much of what is left may be sent in one packet now. Source: RFC 9293 §3.8.6.2.1, RFC 896, RFC 5681. */
function mayBeSent(socket: TcpSocket, left: number): number {
  const mss = currentMss(socket)
  const peer = roomOfPeer(socket)
  const path = Math.floor(socket.window - socket.pipe)
  const most = Math.floor(MOST_AT_ONCE / mss) * mss
  const room = Math.min(peer, path, most)
  if (path < Math.min(left, mss, Math.max(peer, 1))) {
    socket.windowInUse = true
    return 0
  }
  if (left > room) {
    const whole = room - (room % mss)
    if (whole > 0) return whole
    // A window that is smaller than a segment is waited for to grow, unless it is as large as it ever was.
    return peer > 0 && 2 * peer >= socket.largestWindow ? peer : 0
  }
  const rest = left % mss
  if (rest === 0 || !holdsBack(socket)) return left
  return left - rest
}

/** Whether less than a full segment waits for more to come. */
function holdsBack(socket: TcpSocket): boolean {
  if (socket.finQueued) return false
  if (socket.cork) return true
  return !socket.noDelay && socket.flight.count > 0 && after(socket.smallEnd, socket.una)
}

/** Sends what fits into a window that stays small. Source: RFC 9293 §3.8.6.2.1, "override timeout". */
export function sendAnyway(tcp: TcpContext, socket: TcpSocket): boolean {
  const left = socket.sendBuffer.bytes - distance(socket.nxt, socket.bufferStart)
  const length = Math.min(left, roomOfPeer(socket), currentMss(socket))
  if (length <= 0 || (IN(socket.state) & SENDS) === 0) return false
  send(tcp, socket, length, false, length === left)
  return true
}

function send(tcp: TcpContext, socket: TcpSocket, length: number, withFin: boolean, isLast: boolean): void {
  const { counters, flight, timers } = socket
  const start = socket.nxt
  const end = (start + length + (withFin ? 1 : 0)) | 0
  socket.nxt = end
  if (withFin) socket.finSent = true
  const mss = currentMss(socket)
  if (length % mss !== 0) socket.smallEnd = end
  flight.push(start, end, tcp.stack.clock.micros)
  if (socket.phase === RECOVERY) socket.prrSent += length
  counters.dataSegmentsOut += Math.ceil(length / mss)
  counters.bytesSent += length
  if (!timers.isSet(RETRANSMIT)) timers.set(RETRANSMIT, socket.rtt.next)
  transmit(tcp.stack, socket, start, length, ACK | (withFin ? FIN : 0) | (isLast && length > 0 ? PSH : 0))
}

/** After a pause nobody knows what the way can take. Source: RFC 5681 §4.1. */
function restartAfterIdle({ stack }: TcpContext, socket: TcpSocket): void {
  const { tcp } = socket.ns.settings
  if (socket.flight.count > 0 || tcp.slowStartAfterIdle === 0) return
  if (stack.clock.now - socket.lastSent <= socket.rtt.timeout) return
  socket.window = Math.min(socket.window, 10 * socket.mss)
}

/** What is done when no ACK comes: ask for the end of what was sent, or whether the window has opened. */
function armProbes(socket: TcpSocket): void {
  const { flight, timers, rtt } = socket
  if (flight.count === 0) {
    const waits = socket.sendBuffer.bytes > 0 || (socket.finQueued && !socket.finSent)
    if (waits && !timers.isSet(PERSIST))
      timers.set(PERSIST, Math.min(120_000, rtt.timeout * 2 ** Math.min(socket.probes, 20)))
    return
  }
  if (socket.phase >= RECOVERY || !socket.sackOk || socket.isTailProbed || socket.ns.settings.tcp.recovery === 0) return
  const single = flight.bytes <= socket.mss ? ACK_DELAY : 0
  const ms = Math.max(LEAST_PROBE, rtt.smoothed / 500 + single)
  if (ms < timers.left(RETRANSMIT)) timers.set(TAIL_PROBE, ms)
}
