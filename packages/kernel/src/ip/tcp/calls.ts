import { errno } from '@netkit/netlink'
import type { TcpContext } from './context.ts'
import { abort, end } from './life.ts'
import * as n from './numbers.ts'
import { chooseSequence, proposeOptions, sendSynSoon } from './open.ts'
import { isWorthTelling, noteRead } from './receive-window.ts'
import { sendRoom } from './send-limit.ts'
import type { TcpSocket } from './socket.ts'
import { WAIT } from './socket-timers.ts'
import { findWay } from './way.ts'

const { IN } = n

// What the system calls do to a socket. All give 0 or more, or a negative errno; what is to be sent leaves with Tcp.flush.

/** Begins to listen. Source: listen(2). */
export function listen(tcp: TcpContext, socket: TcpSocket, backlog: number): number {
  if (socket.state !== n.CLOSED && socket.state !== n.LISTEN) return -errno.EINVAL
  const most = socket.ns.settings.tcp.maxBacklog
  socket.backlog = backlog < 0 || backlog > most ? most : backlog
  if (socket.state === n.LISTEN) return 0
  if (socket.port === 0) {
    const result = tcp.table.bind(socket, 0)
    if (result !== 0) return result
  }
  socket.state = n.LISTEN
  if (tcp.table.isTaken(socket, socket.port)) {
    socket.state = n.CLOSED
    return -errno.EADDRINUSE
  }
  return 0
}

/** Sends a SYN to `remote` and `remotePort`, which are set. Source: connect(2). */
export function connect(tcp: TcpContext, socket: TcpSocket): number {
  const { stack, table } = tcp
  tcp.reap()
  const error = findWay(stack, socket)
  if (error !== 0) return error
  socket.remote.set(stack.sending.words.subarray(4, 8))
  socket.local.set(stack.sending.words.subarray(0, 4))
  if (socket.port === 0) {
    const result = table.bindForConnection(socket)
    if (result !== 0) return result
  } else if (
    table.findConnection(socket.ns, socket.local, 0, socket.port, socket.remote, 0, socket.remotePort) !== undefined
  )
    return -errno.EADDRNOTAVAIL
  socket.error = 0
  socket.softError = 0
  socket.sendShut = false
  socket.receiveShut = false
  socket.state = n.SYN_SENT
  table.insertConnection(socket)
  stack.clock.look()
  proposeOptions(socket)
  chooseSequence(tcp, socket)
  sendSynSoon(tcp, socket)
  return 0
}

/** Takes bytes of `data` from `from` on; gives how many there was room for. */
export function write(tcp: TcpContext, socket: TcpSocket, data: Uint8Array, from: number): number {
  if (socket.error !== 0) return -socket.takeError()
  if (socket.sendShut) return -errno.EPIPE
  if ((IN(socket.state) & n.MAY_SEND) === 0) return -errno.EPIPE
  const length = Math.min(data.length - from, sendRoom(socket))
  if (length <= 0) return 0
  tcp.stack.clock.look()
  const done = socket.sendBuffer.append(data, from, length)
  if (done === 0) return -errno.ENOBUFS
  tcp.want(socket)
  return done
}

/** The reader has taken `bytes` of what waited: they are gone, and the other side may hear of the room. */
export function consumed(tcp: TcpContext, socket: TcpSocket, bytes: number): void {
  noteRead(socket, bytes, tcp.stack.clock.look())
  if ((IN(socket.state) & n.MAY_RECEIVE) === 0) return
  if (!isWorthTelling(socket) && !isWaitedFor(socket)) return
  socket.ackNow = true
  tcp.want(socket)
}

/**
 * Whether the other side may hold something back until it hears of what was just read: all that had come, the last of it less than a
 * full segment. An ACK that waits for an answer to leave with saves a packet and may cost its whole delay. Source: RFC 896, RFC 9293
 * §3.8.6.3.
 */
const isWaitedFor = (socket: TcpSocket): boolean =>
  socket.pushed && socket.unacked > 0 && socket.receiveQueue.bytes === 0

const ENDING: Readonly<Record<number, number>> = {
  [n.SYN_RECEIVED]: n.FIN_WAIT_1,
  [n.ESTABLISHED]: n.FIN_WAIT_1,
  [n.CLOSE_WAIT]: n.LAST_ACK,
}

/** Nothing more will be sent: a FIN follows. */
function endSending(tcp: TcpContext, socket: TcpSocket): void {
  socket.sendShut = true
  const next = ENDING[socket.state]
  if (next === undefined) return
  socket.finQueued = true
  if (socket.state !== n.SYN_RECEIVED) socket.state = next
  tcp.want(socket)
}

/** Source: shutdown(2). */
export function shutdown(tcp: TcpContext, socket: TcpSocket, receiving: boolean, sending: boolean): number {
  if (socket.state === n.LISTEN && receiving) {
    endListening(tcp, socket)
    end(tcp, socket)
    return 0
  }
  if (socket.state === n.CLOSED || socket.state === n.LISTEN) return -errno.ENOTCONN
  if (socket.state === n.SYN_SENT) {
    end(tcp, socket)
    return 0
  }
  if (receiving) socket.receiveShut = true
  if (sending) endSending(tcp, socket)
  socket.changed()
  return 0
}

/** Connections that nobody has accepted are reset. */
function endListening(tcp: TcpContext, socket: TcpSocket): void {
  for (const one of [...tcp.sockets]) if (one.parent === socket) abort(tcp, one)
}

/** Nobody has the socket any more. Source: close(2), RFC 2525 §2.17. */
export function close(tcp: TcpContext, socket: TcpSocket): void {
  if (socket.orphan) return
  socket.orphan = true
  if (socket.state === n.LISTEN) endListening(tcp, socket)
  const isUnread = socket.receiveQueue.bytes > 0 && (IN(socket.state) & n.SYNCHRONIZED) !== 0
  socket.receiveQueue.clear()
  if (socket.state === n.TIME_WAIT) return
  const isOpen = socket.state !== n.LISTEN && socket.state !== n.CLOSED && socket.state !== n.SYN_SENT
  if (!isOpen) end(tcp, socket)
  else if (isUnread || socket.linger === 0) abort(tcp, socket)
  else {
    endSending(tcp, socket)
    if (socket.state === n.FIN_WAIT_2) socket.timers.set(WAIT, 1000 * socket.ns.settings.tcp.finTimeout)
  }
}
