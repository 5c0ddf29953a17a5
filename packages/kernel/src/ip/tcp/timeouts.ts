import { errno } from '@netkit/netlink'
import type { TcpContext } from './context.ts'
import { acknowledgeSoon } from './data.ts'
import { end, fail } from './life.ts'
import { enterLoss, enterRecovery, findLosses } from './loss.ts'
import { ACK, CLOSED, FIN_WAIT_2, RST, SYN_RECEIVED, SYN_SENT } from './numbers.ts'
import { sendSynSoon } from './open.ts'
import { repeat, sendAnyway } from './output.ts'
import { RECOVERY, type TcpSocket } from './socket.ts'
import * as timers from './socket-timers.ts'
import { currentMss, transmit } from './transmit.ts'

/** Repetitions of what a socket sent that nobody has any more, where none are set. */
const ORPHAN_RETRIES = 8
const LEAST_RTO = 200
const MOST_RTO = 120_000

type Handler = (tcp: TcpContext, socket: TcpSocket) => void

const HANDLERS: Readonly<Record<number, Handler>> = {
  [timers.RETRANSMIT]: retransmit,
  [timers.TAIL_PROBE]: probeTail,
  [timers.REORDER]: reorder,
  [timers.PERSIST]: persist,
  [timers.DELAYED_ACK]: acknowledgeSoon,
  [timers.KEEP_ALIVE]: keepAlive,
  [timers.WAIT]: giveUpWaiting,
}

/** A timer is due. */
export function timedOut(tcp: TcpContext, socket: TcpSocket, timer: number): void {
  if (socket.state !== CLOSED) HANDLERS[timer](tcp, socket)
}

/** No ACK came. Source: RFC 6298 §5. */
function retransmit(tcp: TcpContext, socket: TcpSocket): void {
  const isSyn = socket.state === SYN_SENT || socket.state === SYN_RECEIVED
  if (!isSyn && socket.flight.count === 0) return
  const { now } = tcp.stack.clock
  if (socket.firstRetryAt === 0) socket.firstRetryAt = socket.lastSent
  if (hasTriedEnough(socket, now)) {
    fail(tcp, socket, socket.softError || errno.ETIMEDOUT)
    return
  }
  socket.retries++
  socket.rtt.backoff++
  if (isSyn) {
    sendSynSoon(tcp, socket)
    return
  }
  enterLoss(socket)
  socket.timers.set(timers.RETRANSMIT, socket.rtt.next)
  tcp.want(socket)
}

/** Source: tcp(7), tcp_syn_retries, tcp_synack_retries, tcp_retries2, tcp_orphan_retries, TCP_USER_TIMEOUT. */
function hasTriedEnough(socket: TcpSocket, now: number): boolean {
  const { tcp } = socket.ns.settings
  if (socket.state === SYN_SENT) return socket.retries >= (socket.synCount || tcp.synRetries)
  if (socket.state === SYN_RECEIVED) return socket.retries >= (socket.synCount || tcp.synackRetries)
  const waited = now - socket.firstRetryAt
  if (socket.userTimeout > 0) return waited >= socket.userTimeout
  if (socket.orphan) return socket.retries >= (tcp.orphanRetries || ORPHAN_RETRIES)
  return socket.retries > 0 && waited >= patience(tcp.retries2)
}

/** How long so many repetitions take at least, ms: tries are counted by time, so that a quick network gives up no sooner. */
function patience(retries: number): number {
  let ms = 0
  for (let n = 0; n <= retries; n++) ms += Math.min(MOST_RTO, LEAST_RTO * 2 ** n)
  return ms
}

/** The end of what was sent may be lost: an ACK for it, or for what follows, shows. Source: RFC 8985 §7.3. */
function probeTail(tcp: TcpContext, socket: TcpSocket): void {
  const { flight } = socket
  if (flight.count === 0 || socket.phase >= RECOVERY) return
  socket.isTailProbed = true
  socket.timers.set(timers.RETRANSMIT, socket.rtt.next)
  const mss = currentMss(socket)
  let last = flight.count - 1
  if (flight.length(last) > mss) flight.split(last, (flight.end(last) - mss) | 0)
  last = flight.count - 1
  repeat(tcp, socket, last, mss)
}

/** What might have been late is lost. */
function reorder(tcp: TcpContext, socket: TcpSocket): void {
  const { clock } = tcp.stack
  findLosses(socket, clock.micros)
  if (socket.flight.lost === 0) return
  if (socket.phase < RECOVERY) {
    enterRecovery(socket)
    socket.window = Math.max(socket.pipe + socket.mss, socket.mss)
  }
  tcp.want(socket)
}

/** The window is closed: has it opened meanwhile? Source: RFC 9293 §3.8.6.1. */
function persist(tcp: TcpContext, socket: TcpSocket): void {
  const { tcp: settings } = socket.ns.settings
  const most = socket.orphan ? settings.orphanRetries || ORPHAN_RETRIES : settings.retries2
  const silent = tcp.stack.clock.now - socket.lastReceived
  if (socket.probes >= most && silent > patience(most)) {
    fail(tcp, socket, socket.softError || errno.ETIMEDOUT)
    return
  }
  socket.probes++
  if (!sendAnyway(tcp, socket)) probe(tcp, socket)
  tcp.want(socket)
}

/** A segment that has to be answered: its sequence number is that of something that was acknowledged. */
function probe({ stack }: TcpContext, socket: TcpSocket): void {
  transmit(stack, socket, (socket.una - 1) | 0, 0, ACK)
}

/** Source: RFC 9293 §3.8.4. */
function keepAlive(tcp: TcpContext, socket: TcpSocket): void {
  const { tcp: settings } = socket.ns.settings
  const idle = 1000 * (socket.keepIdle || settings.keepaliveTime)
  const interval = 1000 * (socket.keepInterval || settings.keepaliveInterval)
  if (!socket.keepAlive) return
  const silent = tcp.stack.clock.now - socket.lastReceived
  if (socket.flight.count > 0 || silent < idle) {
    socket.timers.set(timers.KEEP_ALIVE, silent < idle ? idle - silent : interval)
    if (silent < idle) socket.probes = 0
    return
  }
  const isEnough =
    socket.userTimeout > 0
      ? silent >= socket.userTimeout && socket.probes > 0
      : socket.probes >= (socket.keepCount || settings.keepaliveProbes)
  if (isEnough) {
    transmit(tcp.stack, socket, socket.nxt, 0, RST | ACK)
    fail(tcp, socket, socket.softError || errno.ETIMEDOUT)
    return
  }
  socket.probes++
  socket.timers.set(timers.KEEP_ALIVE, interval)
  probe(tcp, socket)
}

/** Nobody has the socket, and the other side does not end. */
function giveUpWaiting(tcp: TcpContext, socket: TcpSocket): void {
  if (socket.state === FIN_WAIT_2 && socket.orphan) end(tcp, socket)
}
