import { LOST, REPEATED, SACKED, UNDER_WAY_AGAIN } from './flight.ts'
import {
  enterRecovery,
  findLosses,
  leaveRecovery,
  loseFirst,
  noteArrival,
  noteDuplicate,
  reduceProportionally,
} from './loss.ts'
import { DUPLICATE_THRESHOLD } from './numbers.ts'
import type { Segment } from './segment.ts'
import { growSendBuffer } from './send-limit.ts'
import { after, before, distance } from './sequence.ts'
import { DISORDER, LOSS, OPEN, RECOVERY, type TcpSocket } from './socket.ts'
import { PERSIST, RETRANSMIT, TAIL_PROBE } from './socket-timers.ts'

/** What an ACK brought. Segments are looked at one after the other, never one within another. */
let delivered = 0
/** Age of the oldest piece that is acknowledged now and was sent once, µs; -1: none. */
let oldest = -1

/**
 * Takes the acknowledgement of a segment, which lies between what was acknowledged and what was sent. `now`: µs. Source: RFC 9293
 * §3.10.7.4, RFC 5681, RFC 6675.
 */
export function acknowledge(socket: TcpSocket, segment: Segment, now: number): void {
  const { una, flight } = socket
  const windowBefore = socket.sendWindow
  updateWindow(socket, segment)
  if (before(segment.ack, una)) return
  delivered = 0
  oldest = -1
  const acked = distance(segment.ack, una)
  if (acked > 0) removeAcked(socket, segment.ack, now)
  if (segment.sackCount > 0 && socket.sackOk) takeSacks(socket, segment, now)
  if (oldest >= 0) socket.rtt.measure(oldest, now)
  else if (acked > 0) measureByTimestamp(socket, segment, now)
  if (acked > 0) progress(socket, acked)
  const isDuplicate = acked === 0 && segment.length === 0 && flight.count > 0 && windowBefore === socket.sendWindow
  if (!socket.sackOk) assumeSacks(socket, acked, isDuplicate)
  react(socket, acked, now)
  rearm(socket, acked)
}

/** Source: RFC 9293 §3.10.7.4, "fifth". */
function updateWindow(socket: TcpSocket, { seq, ack, window }: Segment): void {
  if (before(ack, socket.una) || before(seq, socket.windowSeq)) return
  if (seq === socket.windowSeq && before(ack, socket.windowAck)) return
  socket.sendWindow = window << socket.sendScale
  socket.windowSeq = seq
  socket.windowAck = ack
  if (socket.sendWindow > socket.largestWindow) socket.largestWindow = socket.sendWindow
  if (socket.sendWindow > 0) {
    socket.probes = 0
    socket.timers.cancel(PERSIST)
  }
}

function removeAcked(socket: TcpSocket, ack: number, now: number): void {
  const { flight } = socket
  while (flight.count > 0 && before(flight.start(0), ack)) {
    const whole = !after(flight.end(0), ack)
    const state = flight.state(0)
    if ((state & SACKED) === 0) {
      delivered += whole ? flight.length(0) : distance(ack, flight.start(0))
      if (whole) {
        if ((state & REPEATED) === 0 && oldest < 0) oldest = now - flight.time(0)
        noteArrival(socket, 0, now)
      }
    }
    if (!whole) {
      flight.cut(ack)
      break
    }
    flight.shift()
  }
}

/** What is acknowledged out of order. Source: RFC 2018, RFC 2883. */
function takeSacks(socket: TcpSocket, segment: Segment, now: number): void {
  const { sacks, sackCount, ack } = segment
  for (let n = 0; n < sackCount; n++) {
    const start = sacks[2 * n]
    const end = sacks[2 * n + 1]
    if (n === 0 && tellsDuplicate(segment, ack)) noteDuplicate(socket)
    else if (socket.flight.has(start, end)) markSacked(socket, start, end, now)
  }
}

/** The first block is of something that came twice if it was acknowledged before, or if it lies in the second. */
function tellsDuplicate({ sacks, sackCount }: Segment, ack: number): boolean {
  if (before(sacks[0], ack)) return true
  return sackCount > 1 && !before(sacks[0], sacks[2]) && !after(sacks[1], sacks[3])
}

function markSacked(socket: TcpSocket, start: number, end: number, now: number): void {
  const { flight } = socket
  let n = flight.firstEndingAfter(start)
  for (; n < flight.count && before(flight.start(n), end); n++) {
    const state = flight.state(n)
    if ((state & SACKED) !== 0) continue
    if (before(flight.start(n), start)) {
      flight.split(n, start)
      continue
    }
    if (after(flight.end(n), end)) flight.split(n, end)
    delivered += flight.length(n)
    if ((state & REPEATED) === 0) oldest = Math.max(oldest, now - flight.time(n))
    noteArrival(socket, n, now)
    flight.mark(n, LOST | UNDER_WAY_AGAIN, SACKED)
  }
}

/** Nothing that was sent once is acknowledged: the timestamp that comes back says when. Source: RFC 7323 §4. */
function measureByTimestamp(socket: TcpSocket, segment: Segment, now: number): void {
  if (!socket.timestamps || !segment.hasTimestamps || segment.tsEcho === 0) return
  const sent = (segment.tsEcho - socket.tsOffset) | 0
  const ms = (Math.floor(now / 1000) - sent) | 0
  if (ms >= 0 && ms < 0x3fff_ffff) socket.rtt.measure(Math.max(ms, 1) * 1000, now)
}

/** Data has arrived in order: room in the buffer, and patience begins anew. */
function progress(socket: TcpSocket, acked: number): void {
  socket.una = (socket.una + acked) | 0
  socket.rtt.arrived()
  socket.retries = 0
  socket.firstRetryAt = 0
  socket.softError = 0
  socket.isTailProbed = false
  const data = Math.min(distance(socket.una, socket.bufferStart), socket.sendBuffer.bytes)
  if (data <= 0) return
  socket.sendBuffer.release(data)
  socket.bufferStart = (socket.bufferStart + data) | 0
  socket.counters.bytesAcked += data
}

/** Without SACK: each duplicate stands for a segment that has arrived. Source: RFC 5681 §3.2. */
function assumeSacks(socket: TcpSocket, acked: number, isDuplicate: boolean): void {
  const { mss, flight } = socket
  if (isDuplicate) {
    socket.duplicateAcks++
    const most = Math.max(0, flight.bytes - mss)
    const assumed = Math.min(most, socket.assumedSacked + mss)
    delivered += assumed - socket.assumedSacked
    socket.assumedSacked = assumed
  } else if (acked > 0) {
    socket.assumedSacked = Math.max(0, socket.assumedSacked - Math.max(0, acked - mss))
    if (socket.phase < RECOVERY) socket.duplicateAcks = 0
  }
}

/** What follows for the window, and for what is to be sent again. */
function react(socket: TcpSocket, acked: number, now: number): void {
  const { flight } = socket
  if (socket.phase >= RECOVERY && !before(socket.una, socket.recoveryPoint)) leaveRecovery(socket)
  const was = socket.phase
  if (socket.sackOk) {
    if (flight.sacked > 0 || was !== OPEN) findLosses(socket, now)
  } else if (was < RECOVERY ? socket.duplicateAcks >= DUPLICATE_THRESHOLD : acked > 0) loseFirst(socket)
  if (was < RECOVERY) {
    if (flight.lost > 0) enterRecovery(socket)
    else socket.phase = flight.sacked > 0 || socket.duplicateAcks > 0 ? DISORDER : OPEN
  }
  if (socket.phase === RECOVERY) reduceProportionally(socket, delivered, was !== RECOVERY)
  else if (acked > 0 && (socket.windowInUse || socket.phase === LOSS)) {
    socket.control.acknowledged(socket, acked, now)
    growSendBuffer(socket)
  }
}

/** Source: RFC 6298 §5. */
function rearm(socket: TcpSocket, acked: number): void {
  const { timers, flight } = socket
  if (flight.count === 0) {
    timers.cancel(RETRANSMIT)
    timers.cancel(TAIL_PROBE)
  } else if (acked > 0) timers.set(RETRANSMIT, socket.rtt.next)
}
