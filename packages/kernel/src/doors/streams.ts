import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  errno,
  type NamespaceHandle,
  refused,
  type ShutdownHow,
  type StreamHandle,
  type StreamsDoor,
  type StreamWait,
} from '@netkit/netlink'
import { CAP_NET_BIND_SERVICE } from '../access/capability.ts'
import { capableIn } from '../access/credentials.ts'
import { copyWords, isAny } from '../ip/core/address.ts'
import { RTN_LOCAL } from '../ip/core/headers.ts'
import * as calls from '../ip/tcp/calls.ts'
import { CLOSED, IN, LISTEN, SYN_RECEIVED, SYN_SENT } from '../ip/tcp/numbers.ts'
import { getOption, setOption } from '../ip/tcp/options.ts'
import type { TcpSocket } from '../ip/tcp/socket.ts'
import type { Kernel } from '../kernel.ts'
import type { Process } from '../net/process.ts'
import { SocketFile } from '../zcrx/files.ts'
import { TcpStream } from '../zcrx/tcp-stream.ts'
import { namespaceOf } from './namespace-of.ts'
import { failed, readName, writeName } from './socket-name.ts'

const IPPROTO_TCP = 6
const OPENING = IN(SYN_SENT) | IN(SYN_RECEIVED)

/** What the stream sockets of one client share. */
interface Owner {
  readonly kernel: Kernel
  readonly process: Process
  readonly open: Set<EmbeddedStream>
}

/** One stream socket of one client. */
class EmbeddedStream implements StreamHandle {
  readonly fd: number
  readonly #owner: Owner
  readonly #socket: TcpSocket
  #closed = false

  constructor(owner: Owner, socket: TcpSocket) {
    this.#owner = owner
    this.#socket = socket
    const stream = new TcpStream(owner.kernel.stack.tcp, socket)
    this.fd = owner.process.openFile('socket', new SocketFile(stream))
    owner.open.add(this)
  }

  #live(op: string): TcpSocket {
    if (this.#closed) throw refused(op, 'EBADF', 'the socket is closed')
    return this.#socket
  }

  get #tcp() {
    return this.#owner.kernel.stack.tcp
  }

  /** What was asked for leaves. */
  #settle(): void {
    this.#tcp.flush()
    this.#owner.kernel.afterRequest()
  }

  #check(op: string, result: number): number {
    if (result < 0) throw failed(op, result)
    return result
  }

  /** Waits until the socket has changed, or the signal says so. */
  async #wait(op: string, { wait = true, signal }: StreamWait): Promise<void> {
    if (!wait) throw refused(op, 'EAGAIN')
    signal?.throwIfAborted()
    await new Promise<void>((resolve) => {
      const done = (): void => {
        stop()
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const stop = this.#socket.watch(done)
      signal?.addEventListener('abort', done, { once: true })
    })
    signal?.throwIfAborted()
  }

  async bind(address: Uint8Array): Promise<void> {
    const op = 'bind'
    const socket = this.#live(op)
    const { words, port } = readName(op, socket, address)
    if (socket.port !== 0 || socket.state !== CLOSED) throw refused(op, 'EINVAL', 'it is bound already')
    const { ns } = socket
    const low = port !== 0 && port < ns.settings.unprivilegedPort
    if (low && !capableIn(this.#owner.process.credentials, ns.userNs, CAP_NET_BIND_SERVICE)) {
      throw refused(op, 'EACCES', 'CAP_NET_BIND_SERVICE is required for this port')
    }
    const { stack } = this.#owner.kernel.stack
    if (!isAny(words, 0) && stack.routing.typeOf(ns, words, 0) !== RTN_LOCAL) throw refused(op, 'EADDRNOTAVAIL')
    const before = socket.local.slice()
    this.#tcp.context.reap()
    if (!isAny(words, 0)) copyWords(socket.local, 0, words, 0)
    const result = this.#tcp.context.table.bind(socket, port)
    if (result < 0) copyWords(socket.local, 0, before, 0)
    this.#check(op, result)
    socket.boundPort = true
  }

  async listen(backlog: number): Promise<void> {
    const op = 'listen'
    this.#check(op, calls.listen(this.#tcp.context, this.#live(op), backlog))
  }

  async accept(options: StreamWait = {}): Promise<StreamHandle> {
    const op = 'accept'
    while (true) {
      const socket = this.#live(op)
      if (socket.state !== LISTEN) throw refused(op, 'EINVAL', 'the socket does not listen')
      const next = socket.accepted.shift()
      if (next !== undefined) {
        next.parent = undefined
        return new EmbeddedStream(this.#owner, next)
      }
      await this.#wait(op, options)
    }
  }

  async connect(address: Uint8Array, options: StreamWait = {}): Promise<void> {
    const op = 'connect'
    const socket = this.#live(op)
    if (address.length >= 2 && (address[0] | (address[1] << 8)) === AF_UNSPEC) {
      this.#check(op, calls.shutdown(this.#tcp.context, socket, true, true))
      return
    }
    const { words, port, scope } = readName(op, socket, address)
    if (socket.state === SYN_SENT || socket.state === SYN_RECEIVED) throw refused(op, 'EALREADY')
    if (socket.state !== CLOSED) throw refused(op, 'EISCONN')
    if (socket.error !== 0) throw failed(op, -socket.takeError())
    copyWords(socket.remote, 0, words, 0)
    socket.remotePort = port
    socket.scope = scope
    this.#check(op, calls.connect(this.#tcp.context, socket))
    this.#settle()
    if (options.wait === false && (IN(socket.state) & OPENING) !== 0) throw refused(op, 'EINPROGRESS')
    while ((IN(socket.state) & OPENING) !== 0) await this.#wait(op, options)
    if (socket.error !== 0) throw failed(op, -socket.takeError())
    if (this.#closed) throw refused(op, 'EBADF', 'the socket is closed')
    if (socket.state === CLOSED) throw refused(op, 'ECONNABORTED')
  }

  async send(data: Uint8Array, options: StreamWait = {}): Promise<number> {
    const op = 'send'
    let done = 0
    while (true) {
      const socket = this.#live(op)
      const isOpening = (IN(socket.state) & OPENING) !== 0
      const result = isOpening ? 0 : calls.write(this.#tcp.context, socket, data, done)
      this.#settle()
      if (result < 0 && result !== -errno.ENOBUFS) throw failed(op, result)
      done += Math.max(0, result)
      if (done === data.length) return done
      // Room came up while it was sent.
      if (result > 0) continue
      if (options.wait === false && done > 0) return done
      await this.#wait(op, options)
    }
  }

  async recv(most: number, options: StreamWait = {}): Promise<Uint8Array> {
    const op = 'recv'
    while (true) {
      const socket = this.#live(op)
      const { receiveQueue } = socket
      if (receiveQueue.bytes > 0) {
        const bytes = receiveQueue.read(most)
        if (bytes === undefined) throw refused(op, 'EFAULT', 'the payload is memory that cannot be read')
        calls.consumed(this.#tcp.context, socket, bytes.length)
        this.#settle()
        return bytes
      }
      if (socket.error !== 0) throw failed(op, -socket.takeError())
      if (socket.finReceived || socket.receiveShut) return new Uint8Array(0)
      if (socket.state === CLOSED || socket.state === LISTEN) throw refused(op, 'ENOTCONN')
      await this.#wait(op, options)
    }
  }

  async shutdown(how: ShutdownHow): Promise<void> {
    const op = 'shutdown'
    this.#check(op, calls.shutdown(this.#tcp.context, this.#live(op), how !== 1, how !== 0))
    this.#settle()
  }

  async setsockopt(level: number, name: number, value: Uint8Array): Promise<void> {
    const op = `set option ${level}/${name}`
    this.#check(op, setOption(this.#tcp.context, this.#live(op), level, name, value))
    this.#settle()
  }

  async getsockopt(level: number, name: number): Promise<Uint8Array> {
    const op = `get option ${level}/${name}`
    const value = getOption(this.#tcp.context, this.#live(op), level, name)
    if (value === undefined) throw refused(op, 'ENOPROTOOPT')
    return value
  }

  async getsockname(): Promise<Uint8Array> {
    const { v6, local, port, scope } = this.#live('getsockname')
    return writeName(v6, local, 0, port, scope)
  }

  async getpeername(): Promise<Uint8Array> {
    const op = 'getpeername'
    const { v6, remote, remotePort, scope, state } = this.#live(op)
    if (state === CLOSED || state === LISTEN || state === SYN_SENT) throw refused(op, 'ENOTCONN')
    return writeName(v6, remote, 0, remotePort, scope)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#owner.open.delete(this)
    this.#owner.process.closeFile(this.fd)
    calls.close(this.#tcp.context, this.#socket)
    this.#socket.changed()
    this.#settle()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** Stream sockets of an embedded kernel, for one client. `close` closes all that are open. */
export function streamsDoor(kernel: Kernel, process: Process): StreamsDoor & { close(): Promise<void> } {
  const owner: Owner = { kernel, process, open: new Set() }
  return {
    async socket(family: number, protocol: number, namespace?: NamespaceHandle) {
      const op = 'open a socket'
      const ns = namespaceOf(process, namespace, op)
      if (family !== AF_INET && family !== AF_INET6) throw refused(op, 'EAFNOSUPPORT')
      if (protocol !== 0 && protocol !== IPPROTO_TCP) throw refused(op, 'EPROTONOSUPPORT', 'there are streams of TCP')
      const { context } = kernel.stack.tcp
      return new EmbeddedStream(owner, context.make(ns, family === AF_INET6, process.credentials.uid))
    },
    async close() {
      for (const one of [...owner.open]) await one.close()
    },
  }
}
