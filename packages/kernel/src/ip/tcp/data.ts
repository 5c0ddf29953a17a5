import type { Device } from '../../net/device.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { pull, trim } from '../../packet/edit.ts'
import type { TcpContext } from './context.ts'
import { waitForStrays } from './life.ts'
import * as n from './numbers.ts'
import { dropFront } from './payload.ts'
import type { Segment } from './segment.ts'
import { after, before, distance } from './sequence.ts'
import type { TcpSocket } from './socket.ts'
import { DELAYED_ACK } from './socket-timers.ts'

/** Longest that an ACK is put off, ms. */
const DELAY_MS = 40
/** Segments that are acknowledged at once after a gap or a beginning. */
const QUICK = 16

/** Takes the payload and the FIN of an acceptable segment; its packet is gone afterwards. Source: RFC 9293 §3.10.7.4. */
export function takeData(tcp: TcpContext, dev: Device, socket: TcpSocket, segment: Segment): void {
  const { packets, path } = tcp.stack
  const { handle } = segment
  let { seq, length } = segment
  let fin = (segment.flags & n.FIN) !== 0
  if (length === 0 && !fin) {
    packets.free(handle)
    return
  }
  if (before(seq, socket.rcvNxt)) {
    noteDuplicate(socket, seq, after(segment.end, socket.rcvNxt) ? socket.rcvNxt : segment.end)
    acknowledgeSoon(tcp, socket)
  }
  const known = distance(socket.rcvNxt, seq)
  const tooLong = distance((seq + length) | 0, socket.windowEdge)
  if (tooLong > 0) {
    length -= tooLong
    fin = false
  }
  if (length - Math.max(known, 0) <= 0 && !(fin && length >= known)) {
    path.drop(dev, handle, DROP.NOT_SPECIFIED)
    acknowledgeSoon(tcp, socket)
    return
  }
  trim(packets, handle, segment.headers + length)
  pull(packets, handle, segment.headers)
  if (known > 0) {
    dropFront(packets, handle, known)
    seq = socket.rcvNxt
    length -= known
  }
  const end = (seq + length) | 0
  if (fin) {
    socket.hasFin = true
    socket.finAt = end
  }
  if (length === 0) packets.free(handle)
  else if (!store(tcp, socket, seq, length, handle, segment)) path.drop(dev, handle, DROP.SOCKET_RCVBUFF)
  if (socket.hasFin && socket.rcvNxt === socket.finAt) takeFin(tcp, socket)
}

/** Puts payload where it belongs; false where there is no memory for it. */
function store(
  tcp: TcpContext,
  socket: TcpSocket,
  seq: number,
  length: number,
  handle: number,
  segment: Segment,
): boolean {
  const { receiveQueue, reassembly } = socket
  const isShort = receiveQueue.memory + reassembly.memory > 4 * socket.receiveLimit
  socket.counters.dataSegmentsIn += segment.count
  socket.pushed = segment.count === 1 && segment.length < socket.receivedMss
  noteSize(socket, segment)
  if (seq !== socket.rcvNxt) {
    socket.counters.outOfOrder++
    acknowledgeSoon(tcp, socket)
    if (isShort) return false
    if (!reassembly.add(seq, handle)) noteDuplicate(socket, seq, (seq + length) | 0)
    socket.quickAcks = QUICK
    return true
  }
  receiveQueue.push(handle, isShort)
  advance(socket, length)
  if (reassembly.count > 0) {
    fillGap(socket)
    acknowledgeSoon(tcp, socket)
  } else decideAck(tcp, socket, length)
  socket.changed()
  return true
}

function advance(socket: TcpSocket, length: number): void {
  socket.rcvNxt = (socket.rcvNxt + length) | 0
  socket.counters.bytesReceived += length
}

/** What came too early follows. */
function fillGap(socket: TcpSocket): void {
  const { receiveQueue, reassembly } = socket
  for (let next = reassembly.take(socket.rcvNxt); next >= 0; next = reassembly.take(socket.rcvNxt)) {
    const before = receiveQueue.bytes
    receiveQueue.push(next, false)
    advance(socket, receiveQueue.bytes - before)
  }
  reassembly.forgetSacks(socket.rcvNxt)
}

/** The size of full segments, as seen: windows and ACKs go by it. */
function noteSize(socket: TcpSocket, { count, length }: Segment): void {
  const size = count > 1 ? Math.ceil(length / count) : length
  if (size > socket.receivedMss) socket.receivedMss = size
}

/** Every second full segment is acknowledged at once. Source: RFC 9293 §3.8.6.3. */
function decideAck(tcp: TcpContext, socket: TcpSocket, length: number): void {
  socket.unacked += length
  const atOnce = socket.unacked >= 2 * socket.receivedMss || (socket.quickAcks > 0 && socket.quickAck)
  if (atOnce) acknowledgeSoon(tcp, socket)
  else if (!socket.timers.isSet(DELAYED_ACK)) socket.timers.set(DELAYED_ACK, DELAY_MS)
}

/** An ACK leaves when all that was received with this segment is dealt with. */
export function acknowledgeSoon(tcp: TcpContext, socket: TcpSocket): void {
  socket.ackNow = true
  tcp.want(socket)
}

/** Remembers what came twice, for the next ACK. Source: RFC 2883. */
export function noteDuplicate(socket: TcpSocket, start: number, end: number): void {
  socket.duplicateStart = start
  socket.duplicateEnd = end
}

/** The other side has ended. Source: RFC 9293 §3.10.7.4, "eighth". */
function takeFin(tcp: TcpContext, socket: TcpSocket): void {
  if (socket.finReceived) return
  socket.rcvNxt = (socket.rcvNxt + 1) | 0
  socket.finReceived = true
  acknowledgeSoon(tcp, socket)
  if (socket.state === n.ESTABLISHED) socket.state = n.CLOSE_WAIT
  else if (socket.state === n.FIN_WAIT_1) socket.state = n.CLOSING
  else if (socket.state === n.FIN_WAIT_2) {
    waitForStrays(tcp, socket)
    return
  }
  socket.changed()
}
