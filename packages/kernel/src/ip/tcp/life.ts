import type { TcpContext } from './context.ts'
import { ACK, CLOSED, IN, LISTEN, RST, SYN_SENT, TIME_WAIT } from './numbers.ts'
import type { TcpSocket } from './socket.ts'
import { transmit } from './transmit.ts'

/** Twice the longest life of a segment, ms. */
const TIME_WAIT_MS = 60_000
const NOTHING_TO_RESET = IN(LISTEN) | IN(CLOSED) | IN(SYN_SENT) | IN(TIME_WAIT)

/** The connection is no more. What was received can still be read; a socket that nobody has goes with all that is in it. */
export function end(tcp: TcpContext, socket: TcpSocket): void {
  const { parent } = socket
  if (parent !== undefined) {
    // It never came as far as being accepted.
    const at = parent.accepted.indexOf(socket)
    if (at >= 0) parent.accepted.splice(at, 1)
    else parent.halfOpen--
    socket.parent = undefined
    socket.orphan = true
  }
  socket.state = CLOSED
  socket.timers.clear()
  tcp.table.removeConnection(socket)
  tcp.table.unbind(socket)
  socket.sendBuffer.clear()
  socket.flight.clear()
  socket.reassembly.clear()
  if (socket.orphan) {
    socket.receiveQueue.clear()
    tcp.sockets.delete(socket)
  }
  socket.changed()
}

/** The connection ends with an error, which the next call meets. */
export function fail(tcp: TcpContext, socket: TcpSocket, error: number): void {
  socket.error = error
  socket.sendShut = true
  socket.receiveShut = true
  end(tcp, socket)
}

/** Ends a connection at once, and tells the other side. Source: RFC 9293 §3.10.5. */
export function abort(tcp: TcpContext, socket: TcpSocket): void {
  if ((IN(socket.state) & NOTHING_TO_RESET) === 0) transmit(tcp.stack, socket, socket.nxt, 0, RST | ACK)
  end(tcp, socket)
}

/** Both sides have ended: what is still under way may come for a while. Source: RFC 9293 §3.6.1. */
export function waitForStrays(tcp: TcpContext, socket: TcpSocket): void {
  socket.state = TIME_WAIT
  socket.timers.clear()
  socket.sendBuffer.clear()
  socket.flight.clear()
  socket.reassembly.clear()
  tcp.forgetAfter(socket, TIME_WAIT_MS)
  socket.changed()
}
