import type { NetNamespace } from '../../net/namespace.ts'
import type { IpStack } from '../core/stack.ts'
import { TIME_WAIT } from './numbers.ts'
import { Segment } from './segment.ts'
import { TcpSocket } from './socket.ts'
import { SocketTimers } from './socket-timers.ts'
import { TcpTable } from './table.ts'

/** What the parts of TCP share. */
export class TcpContext {
  readonly stack: IpStack
  readonly table: TcpTable
  /** The segment that is looked at. */
  readonly segment = new Segment()
  /** All sockets that are not closed. */
  readonly sockets = new Set<TcpSocket>()
  /** Those that have something to send. */
  readonly wanting: TcpSocket[] = []
  /** Those that only wait for strays, in the order in which they go. */
  readonly #waiting: TcpSocket[] = []
  /** Set right after this is made: called with a socket and its timer that is due. */
  onDue!: (socket: TcpSocket, timer: number) => void
  /** The same: called with a socket that has waited for strays long enough. */
  onGone!: (socket: TcpSocket) => void

  constructor(stack: IpStack) {
    this.stack = stack
    this.table = new TcpTable(stack.clock)
  }

  make(ns: NetNamespace, v6: boolean, uid: number): TcpSocket {
    const { stack } = this
    this.reap()
    const timers = new SocketTimers(stack.clock)
    const socket = new TcpSocket(ns, v6, uid, stack.nextSocket(), stack.packets, timers)
    timers.onDue = (timer) => this.onDue(socket, timer)
    this.sockets.add(socket)
    return socket
  }

  /** An open socket, by the number that packets which it sends carry. */
  byNumber(number: number): TcpSocket | undefined {
    for (const socket of this.sockets) if (socket.number === number) return socket
    return undefined
  }

  /** Has a socket looked at when what was received is dealt with: whether there is something to send. */
  want(socket: TcpSocket): void {
    if (socket.wanted) return
    socket.wanted = true
    this.wanting.push(socket)
  }

  /** A socket that waits for nothing but strays is gone after a while. No timer is needed for that: somebody looks. */
  forgetAfter(socket: TcpSocket, ms: number): void {
    const isThere = socket.waitUntil > 0
    socket.waitUntil = this.stack.clock.now + ms
    if (!isThere) this.#waiting.push(socket)
  }

  /** Ends what has waited long enough. */
  reap(): void {
    const now = this.stack.clock.now
    while (this.#waiting.length > 0) {
      const [socket] = this.#waiting
      const isOver = socket.state !== TIME_WAIT
      if (!isOver && socket.waitUntil > now) return
      this.#waiting.shift()
      if (!isOver) this.onGone(socket)
    }
  }
}
