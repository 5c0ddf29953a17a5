import { LOST, REPEATED, SACKED, UNDER_WAY_AGAIN } from './flight.ts'
import { DUPLICATE_THRESHOLD } from './numbers.ts'
import { after, before } from './sequence.ts'
import { DISORDER, LOSS, OPEN, RECOVERY, type TcpSocket } from './socket.ts'
import { REORDER } from './socket-timers.ts'

/** Round trips that the reordering window can grow to, in quarters. */
const MOST_STEPS = 64

/** A piece has arrived: the newest of them says which others should have. Source: RFC 8985 §6.2 steps 1 to 3. */
export function noteArrival(socket: TcpSocket, n: number, now: number): void {
  const { flight } = socket
  const time = flight.time(n)
  const end = flight.end(n)
  const repeated = (flight.state(n) & REPEATED) !== 0
  const rtt = now - time
  if (!repeated && before(end, socket.highestArrived)) socket.reordering = true
  if (after(end, socket.highestArrived)) socket.highestArrived = end
  // Too quick: this acknowledges what was sent before.
  if (repeated && rtt < socket.rtt.least) return
  if (time < socket.rackTime || (time === socket.rackTime && !after(end, socket.rackEnd))) return
  socket.rackTime = time
  socket.rackEnd = end
  socket.rackRtt = rtt
}

/** How much later than others a piece may arrive, µs. Source: RFC 8985 §6.2 step 4. */
function reorderingWindow(socket: TcpSocket): number {
  const enough = socket.flight.sacked >= DUPLICATE_THRESHOLD * socket.mss
  if (!socket.reordering && (socket.phase >= RECOVERY || enough)) return 0
  const quarter = socket.rtt.least / 4
  return Math.min(Math.max(1, quarter) * socket.reorderSteps, socket.rtt.smoothed)
}

/** Pieces that were sent long before one that has arrived are lost. Source: RFC 8985 §6.2 step 5. */
export function findLosses(socket: TcpSocket, now: number): void {
  const { flight, rackTime, rackEnd, rackRtt } = socket
  const window = reorderingWindow(socket)
  let wait = 0
  for (let n = 0; n < flight.count; n++) {
    const state = flight.state(n)
    if ((state & SACKED) !== 0 || (state & (LOST | UNDER_WAY_AGAIN)) === LOST) continue
    const time = flight.time(n)
    if (time > rackTime || (time === rackTime && !before(flight.end(n), rackEnd))) continue
    const left = time + rackRtt + window - now
    if (left <= 0) flight.mark(n, UNDER_WAY_AGAIN, LOST)
    else if (left > wait) wait = left
  }
  if (wait > 0) socket.timers.set(REORDER, Math.ceil(wait / 1000))
  else socket.timers.cancel(REORDER)
}

/** The other side got something twice: it was not lost, but late. Source: RFC 8985 §6.2 step 4, RFC 2883. */
export function noteDuplicate(socket: TcpSocket): void {
  socket.counters.duplicateSacks++
  socket.reorderSteps = Math.min(MOST_STEPS, socket.reorderSteps + 1)
}

/** Without SACK: the first segment is lost. Source: RFC 6582. */
export function loseFirst({ flight, mss }: TcpSocket): void {
  if (flight.count === 0 || (flight.state(0) & LOST) !== 0) return
  if (flight.length(0) > mss) flight.split(0, (flight.start(0) + mss) | 0)
  flight.mark(0, 0, LOST)
}

/** Something is lost: everything that is under way now has to arrive until all is well again. Source: RFC 6675 §5, RFC 6937. */
export function enterRecovery(socket: TcpSocket): void {
  socket.phase = RECOVERY
  socket.recoveryPoint = socket.nxt
  socket.prrFlight = Math.max(socket.mss, socket.flight.bytes)
  socket.prrDelivered = 0
  socket.prrSent = 0
  socket.threshold = socket.control.reduced(socket)
}

/** The window in recovery: it comes down to the threshold as data arrives. Source: RFC 6937 §3.1. */
export function reduceProportionally(socket: TcpSocket, delivered: number, first: boolean): void {
  socket.prrDelivered += delivered
  const { pipe, threshold, mss, prrDelivered, prrSent } = socket
  let more: number
  if (pipe > threshold) more = Math.ceil((prrDelivered * threshold) / socket.prrFlight) - prrSent
  else more = Math.min(threshold - pipe, Math.max(prrDelivered - prrSent, delivered) + mss)
  socket.window = pipe + Math.max(more, first ? mss : 0)
}

/** All that was under way when the loss was noticed has arrived. */
export function leaveRecovery(socket: TcpSocket): void {
  if (socket.phase === RECOVERY) socket.window = socket.threshold
  socket.phase = socket.flight.sacked > 0 ? DISORDER : OPEN
  socket.duplicateAcks = 0
  socket.assumedSacked = 0
  if (socket.reorderSteps > 1) socket.reorderSteps--
}

/** Nothing came for too long: everything is taken for lost, and slow start begins. Source: RFC 5681 §3.1, RFC 6298 §5. */
export function enterLoss(socket: TcpSocket): void {
  const { flight } = socket
  if (socket.phase !== LOSS) socket.threshold = socket.control.reduced(socket)
  // The other side has thrown away what it had told of, or else the first piece would be acknowledged.
  const reneged = flight.count > 0 && (flight.state(0) & SACKED) !== 0
  flight.loseAll(reneged)
  socket.window = socket.mss
  socket.phase = LOSS
  socket.recoveryPoint = socket.nxt
  socket.duplicateAcks = 0
  socket.assumedSacked = 0
  socket.timers.cancel(REORDER)
}
