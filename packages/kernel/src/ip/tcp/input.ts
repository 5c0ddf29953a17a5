import { errno } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { acknowledge } from './acks.ts'
import type { TcpContext } from './context.ts'
import { acknowledgeSoon, noteDuplicate, takeData } from './data.ts'
import { abort, end, fail, waitForStrays } from './life.ts'
import * as n from './numbers.ts'
import { establish, sendSynSoon } from './open.ts'
import { sendReset } from './reply.ts'
import type { Segment } from './segment.ts'
import { after, before, distance } from './sequence.ts'
import type { TcpSocket } from './socket.ts'
import { WAIT } from './socket-timers.ts'

const { ACK, IN, RST, SYN } = n

/** Timestamps older than this say nothing, ms. Source: RFC 7323 §5.5. */
const TIMESTAMPS_VALID = 24 * 86_400_000

/** A segment for a connection. Its packet is gone afterwards. Source: RFC 9293 §3.10.7.4, RFC 5961, RFC 7323 §5.3. */
export function inputConnection(tcp: TcpContext, dev: Device, socket: TcpSocket, segment: Segment): void {
  const { stack } = tcp
  if (isCrossing(socket, segment)) takeAsAck(socket, segment)
  const { flags, handle } = segment
  socket.counters.segmentsIn += segment.count
  if (isOld(tcp, socket, segment) || !isAcceptable(socket, segment)) {
    refuse(tcp, socket, segment)
    stack.path.drop(dev, handle, DROP.NOT_SPECIFIED)
    return
  }
  if ((flags & (RST | SYN)) !== 0 || (flags & ACK) === 0) {
    stack.path.drop(dev, handle, DROP.NOT_SPECIFIED)
    if ((flags & RST) !== 0) reset(tcp, socket, segment)
    else if ((flags & SYN) !== 0) {
      if (socket.state === n.SYN_RECEIVED && segment.seq === socket.irs) sendSynSoon(tcp, socket)
      else challenge(tcp, socket)
    }
    return
  }
  noteTimestamp(tcp, socket, segment)
  if (socket.state === n.SYN_RECEIVED && !open(tcp, dev, socket, segment)) return
  if (!isPlausible(socket, segment)) {
    stack.path.drop(dev, handle, DROP.NOT_SPECIFIED)
    challenge(tcp, socket)
    return
  }
  const { now } = stack.clock
  socket.lastReceived = now
  socket.lastAckReceived = now
  acknowledge(socket, segment, stack.clock.micros)
  if (socket.finSent && socket.una === socket.nxt) finAcknowledged(tcp, socket)
  takeRest(tcp, dev, socket, segment)
  if (socket.wanted || socket.state === n.CLOSED) return
  if (socket.sendBuffer.bytes > 0 || socket.finQueued) tcp.want(socket)
}

/** Payload, and what a FIN means. */
function takeRest(tcp: TcpContext, dev: Device, socket: TcpSocket, segment: Segment): void {
  const { path } = tcp.stack
  const isLate = socket.orphan && segment.length > 0 && after(segment.end, socket.rcvNxt)
  if (isLate && (IN(socket.state) & n.MAY_RECEIVE) !== 0) {
    // Nobody will read it, and the other side should know.
    path.drop(dev, segment.handle, DROP.NO_SOCKET)
    abort(tcp, socket)
    return
  }
  if ((IN(socket.state) & n.MAY_RECEIVE) !== 0) takeData(tcp, dev, socket, segment)
  else tcp.stack.packets.free(segment.handle)
  if (socket.sendBuffer.bytes < socket.sendLimit >> 1) socket.changed()
}

/** Both sides have begun at once, and this is the answer to our SYN. Source: RFC 9293 §3.5, figure 7. */
const isCrossing = (socket: TcpSocket, { flags, seq, ack }: Segment): boolean =>
  socket.state === n.SYN_RECEIVED &&
  (flags & (SYN | ACK | RST)) === (SYN | ACK) &&
  seq === socket.irs &&
  ack === socket.nxt

/** The SYN in it is known; its window is not scaled. */
function takeAsAck(socket: TcpSocket, segment: Segment): void {
  segment.flags &= ~SYN
  segment.seq = (segment.seq + 1) | 0
  segment.window >>= socket.sendScale
}

/** Protection against wrapped sequence numbers. Source: RFC 7323 §5.3. */
function isOld({ stack }: TcpContext, socket: TcpSocket, segment: Segment): boolean {
  if (!socket.timestamps || !segment.hasTimestamps || (segment.flags & RST) !== 0) return false
  return before(segment.tsValue, socket.tsRecent) && stack.clock.now - socket.tsRecentAt < TIMESTAMPS_VALID
}

function isAcceptable({ rcvNxt, windowEdge }: TcpSocket, { seq, end }: Segment): boolean {
  return !before(end, rcvNxt) && !after(seq, windowEdge)
}

/** Answers with where things stand. */
function refuse(tcp: TcpContext, socket: TcpSocket, { flags, seq, end: last, length }: Segment): void {
  if ((flags & RST) !== 0) return
  if ((flags & SYN) !== 0 && socket.state === n.SYN_RECEIVED && seq === socket.irs) {
    sendSynSoon(tcp, socket)
    return
  }
  if (length > 0 && before(seq, socket.rcvNxt)) {
    noteDuplicate(socket, seq, after(last, socket.rcvNxt) ? socket.rcvNxt : last)
    acknowledgeSoon(tcp, socket)
  } else challenge(tcp, socket)
}

/** An ACK for somebody who may be an attacker: not too many of them. Source: RFC 5961 §7. */
function challenge(tcp: TcpContext, socket: TcpSocket): void {
  const { now } = tcp.stack.clock
  if (now - socket.lastInvalidAck < socket.ns.settings.tcp.invalidRateLimit) return
  socket.lastInvalidAck = now
  acknowledgeSoon(tcp, socket)
}

/** Only a reset that knows exactly where things stand is believed. Source: RFC 5961 §3.2. */
function reset(tcp: TcpContext, socket: TcpSocket, { seq }: Segment): void {
  if (seq !== socket.rcvNxt) {
    challenge(tcp, socket)
    return
  }
  // Both sides have ended already: this is about some stray.
  if (socket.state === n.TIME_WAIT) end(tcp, socket)
  else if (socket.state === n.SYN_RECEIVED) fail(tcp, socket, errno.ECONNREFUSED)
  else fail(tcp, socket, socket.state === n.CLOSE_WAIT ? errno.EPIPE : errno.ECONNRESET)
}

/** Source: RFC 7323 §4.3. */
function noteTimestamp({ stack }: TcpContext, socket: TcpSocket, segment: Segment): void {
  if (!socket.timestamps || !segment.hasTimestamps || after(segment.seq, socket.lastAckSent)) return
  socket.tsRecent = segment.tsValue
  socket.tsRecentAt = stack.clock.now
}

/** The SYN of this side is acknowledged: the connection stands, if there is room for it. False: the packet is gone. */
function open(tcp: TcpContext, dev: Device, socket: TcpSocket, segment: Segment): boolean {
  const { stack } = tcp
  const { parent } = socket
  const isFull = parent !== undefined && parent.accepted.length > parent.backlog
  const isRight = after(segment.ack, socket.una) && !after(segment.ack, socket.nxt)
  if (!isRight || isFull) {
    stack.path.drop(dev, segment.handle, DROP.NOT_SPECIFIED)
    if (!isRight) sendReset(stack, dev, segment)
    else if (socket.ns.settings.tcp.abortOnOverflow !== 0) abort(tcp, socket)
    return false
  }
  socket.una = (socket.iss + 1) | 0
  socket.sendWindow = segment.window << socket.sendScale
  socket.windowSeq = segment.seq
  socket.windowAck = segment.ack
  socket.largestWindow = Math.max(socket.largestWindow, socket.sendWindow)
  const { finQueued } = socket
  establish(tcp, socket)
  if (finQueued) socket.state = n.FIN_WAIT_1
  if (parent !== undefined) {
    parent.halfOpen--
    parent.accepted.push(socket)
    parent.changed()
  }
  return true
}

/** Whether what is acknowledged can have been sent, and not too long ago. Source: RFC 5961 §5.2. */
function isPlausible(socket: TcpSocket, { ack }: Segment): boolean {
  return !after(ack, socket.nxt) && distance(socket.una, ack) <= Math.max(socket.largestWindow, 0)
}

/** Source: RFC 9293 §3.10.7.4, "fifth". */
function finAcknowledged(tcp: TcpContext, socket: TcpSocket): void {
  if (socket.state === n.FIN_WAIT_1) {
    socket.state = n.FIN_WAIT_2
    if (socket.orphan) socket.timers.set(WAIT, 1000 * socket.ns.settings.tcp.finTimeout)
    socket.changed()
  } else if (socket.state === n.CLOSING) waitForStrays(tcp, socket)
  else if (socket.state === n.LAST_ACK) end(tcp, socket)
}
