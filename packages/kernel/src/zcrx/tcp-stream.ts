import { consumed } from '../ip/tcp/calls.ts'
import { CLOSED, LISTEN } from '../ip/tcp/numbers.ts'
import type { ReceiveQueue } from '../ip/tcp/receive-queue.ts'
import type { TcpSocket } from '../ip/tcp/socket.ts'
import type { Tcp } from '../ip/tcp/tcp.ts'
import type { ReceivingStream } from './stream.ts'

/** A socket of TCP, to be received from. */
export class TcpStream implements ReceivingStream {
  readonly receiveQueue: ReceiveQueue
  readonly #tcp: Tcp
  readonly #socket: TcpSocket

  constructor(tcp: Tcp, socket: TcpSocket) {
    this.#tcp = tcp
    this.#socket = socket
    this.receiveQueue = socket.receiveQueue
  }

  get finReceived(): boolean {
    return this.#socket.finReceived
  }

  get receiveShut(): boolean {
    return this.#socket.receiveShut
  }

  get unconnected(): boolean {
    const { state } = this.#socket
    return state === CLOSED || state === LISTEN
  }

  takeError(): number {
    return this.#socket.takeError()
  }

  consume(bytes: number): void {
    this.receiveQueue.consume(bytes)
    consumed(this.#tcp.context, this.#socket, bytes)
  }

  watch(changed: () => void): () => void {
    return this.#socket.watch(changed)
  }
}
