import type { NetNamespace } from '../../net/namespace.ts'
import type { IpStack } from '../core/stack.ts'
import { DatagramSocket } from './socket.ts'
import { SocketTable } from './table.ts'

/** All sockets of a kernel. */
export class Sockets {
  readonly udp: SocketTable
  /** By identifier of their echoes. */
  readonly ping4: SocketTable
  readonly ping6: SocketTable
  readonly #stack: IpStack
  readonly #open = new Map<number, DatagramSocket>()

  constructor(stack: IpStack) {
    this.#stack = stack
    this.udp = new SocketTable(stack.clock)
    this.ping4 = new SocketTable(stack.clock)
    this.ping6 = new SocketTable(stack.clock)
  }

  /** Sockets that are open. */
  get size(): number {
    return this.#open.size
  }

  /** The socket with a number, which packets that it sends carry; undefined if it is closed. */
  get(number: number): DatagramSocket | undefined {
    return this.#open.get(number)
  }

  tableOf(socket: DatagramSocket): SocketTable {
    if (!socket.icmp) return this.udp
    return socket.v6 ? this.ping6 : this.ping4
  }

  open(ns: NetNamespace, v6: boolean, icmp: boolean, uid: number): DatagramSocket {
    const socket = new DatagramSocket(ns, v6, icmp, uid, this.#stack.nextSocket(), this.#stack.clock.random() & 0xffff)
    this.#open.set(socket.number, socket)
    return socket
  }

  /** Closes a socket: what waits in it is gone. */
  close(socket: DatagramSocket): void {
    if (socket.closed) return
    socket.closed = true
    this.#open.delete(socket.number)
    this.tableOf(socket).unbind(socket)
    const { packets } = this.#stack
    for (let handle = socket.shift(packets); handle >= 0; handle = socket.shift(packets)) packets.free(handle)
    socket.onReadable?.()
  }

  /** A namespace goes: its sockets see no packet any more. */
  closeAll(ns: NetNamespace): void {
    for (const socket of [...this.#open.values()]) if (socket.ns === ns) this.close(socket)
  }
}
