import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  type ErrnoName,
  errno,
  type ReceivedDatagram,
  refused,
  type SocketError,
  type SocketHandle,
  type SocketsDoor,
} from '@netkit/netlink'
import { CAP_NET_BIND_SERVICE } from '../access/capability.ts'
import { capableIn } from '../access/credentials.ts'
import { be16, copyWords, isAny, isV4, readAddresses } from '../ip/core/address.ts'
import { RTN_LOCAL } from '../ip/core/headers.ts'
import type { Ip } from '../ip/ip.ts'
import { setOption } from '../ip/transport/options.ts'
import { sendFrom } from '../ip/transport/send.ts'
import type { DatagramSocket } from '../ip/transport/socket.ts'
import type { Kernel } from '../kernel.ts'
import type { Process } from '../net/process.ts'
import { COPY } from '../packet/copy-reason.ts'
import { bytesOf } from '../packet/edit.ts'
import { PKT_DATA, PKT_IIF, PKT_NETWORK, PKT_SHIFT, PKT_TRANSPORT } from '../packet/fields.ts'
import { namespaceOf } from './namespace-of.ts'
import { failed, readName, writeName } from './socket-name.ts'

const SOCK_DGRAM = 2
const IPPROTO_ICMP = 1
const IPPROTO_UDP = 17
const IPPROTO_ICMPV6 = 58
const UDP_HEADER = 8

/** One socket of one client. */
class EmbeddedSocket implements SocketHandle {
  readonly #kernel: Kernel
  readonly #ip: Ip
  readonly #process: Process
  readonly #socket: DatagramSocket
  readonly #forget: (one: EmbeddedSocket) => void

  constructor(kernel: Kernel, process: Process, socket: DatagramSocket, forget: (one: EmbeddedSocket) => void) {
    this.#kernel = kernel
    this.#ip = kernel.stack
    this.#process = process
    this.#socket = socket
    this.#forget = forget
  }

  #live(op: string): DatagramSocket {
    if (this.#socket.closed) throw refused(op, 'EBADF', 'the socket is closed')
    return this.#socket
  }

  /** Gives the socket a port if it has none. */
  #autobind(op: string, socket: DatagramSocket): void {
    if (socket.port !== 0) return
    const result = this.#ip.sockets.tableOf(socket).bind(socket, 0)
    if (result !== 0) throw failed(op, result === -errno.EADDRINUSE ? -errno.EAGAIN : result)
  }

  async bind(address: Uint8Array): Promise<void> {
    const op = 'bind'
    const socket = this.#live(op)
    const { words, port } = readName(op, socket, address)
    if (socket.port !== 0) throw refused(op, 'EINVAL', 'it is bound already')
    const { ns } = socket
    const low = port !== 0 && !socket.icmp && port < ns.settings.unprivilegedPort
    if (low && !capableIn(this.#process.credentials, ns.userNs, CAP_NET_BIND_SERVICE)) {
      throw refused(op, 'EACCES', 'CAP_NET_BIND_SERVICE is required for this port')
    }
    if (!isAny(words, 0) && this.#ip.stack.routing.typeOf(ns, words, 0) !== RTN_LOCAL) {
      throw refused(op, 'EADDRNOTAVAIL')
    }
    const before = socket.local.slice()
    if (!isAny(words, 0)) copyWords(socket.local, 0, words, 0)
    const result = this.#ip.sockets.tableOf(socket).bind(socket, port)
    if (result === 0) return
    copyWords(socket.local, 0, before, 0)
    throw failed(op, result)
  }

  async connect(address: Uint8Array): Promise<void> {
    const op = 'connect'
    const socket = this.#live(op)
    if (address.length >= 2 && (address[0] | (address[1] << 8)) === AF_UNSPEC) {
      socket.connected = false
      return
    }
    const { words, port, scope } = readName(op, socket, address)
    this.#autobind(op, socket)
    copyWords(socket.remote, 0, words, 0)
    socket.remotePort = port
    socket.scope = scope
    socket.connected = true
  }

  async sendto(data: Uint8Array, address?: Uint8Array): Promise<number> {
    const op = 'send'
    const socket = this.#live(op)
    if (address === undefined && !socket.connected) throw refused(op, 'EDESTADDRREQ')
    const to = address ? readName(op, socket, address) : { words: socket.remote, port: socket.remotePort, scope: 0 }
    if (!socket.icmp && to.port === 0) throw refused(op, 'EINVAL', 'there is no port 0')
    if (socket.icmp && (data.length < UDP_HEADER || data[0] !== (socket.v6 ? 128 : 8) || data[1] !== 0)) {
      throw refused(op, 'EINVAL', 'only echo requests can be sent')
    }
    this.#autobind(op, socket)
    const result = sendFrom(this.#ip.stack, socket, data, to.words, 0, to.port, to.scope)
    this.#ip.stack.flush()
    this.#kernel.afterRequest()
    if (result < 0) throw failed(op, result)
    return result
  }

  async receive(
    most: number,
    { wait = true, signal }: { readonly wait?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<ReceivedDatagram[]> {
    const op = 'receive'
    while (true) {
      const socket = this.#live(op)
      const error = socket.takeError()
      if (error !== 0) throw failed(op, -error)
      if (socket.waiting > 0) break
      if (!wait) throw refused(op, 'EAGAIN')
      signal?.throwIfAborted()
      await this.#readable(socket, signal)
    }
    const list: ReceivedDatagram[] = []
    while (list.length < most && this.#socket.waiting > 0) list.push(this.#take())
    return list
  }

  #readable(socket: DatagramSocket, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        socket.onReadable = undefined
        signal?.removeEventListener('abort', done)
        resolve()
      }
      socket.onReadable = done
      signal?.addEventListener('abort', done, { once: true })
    })
  }

  #take(): ReceivedDatagram {
    const socket = this.#socket
    const { packets } = this.#ip.stack
    const handle = socket.shift(packets)
    const i = handle << PKT_SHIFT
    const { fields, memory } = packets
    const network = fields[i + PKT_NETWORK]
    const transport = fields[i + PKT_TRANSPORT]
    const words = new Int32Array(8)
    const v6 = memory.u8[network] >>> 4 === 6
    readAddresses(words, memory.u8, network, v6)
    const ttl = memory.u8[network + (v6 ? 7 : 8)]
    const port = socket.icmp ? 0 : be16(memory.u8, transport)
    const scope = isV4(words, 0) || words[0] >>> 22 !== 0x3fa ? 0 : fields[i + PKT_IIF]
    const skip = transport - fields[i + PKT_DATA] + (socket.icmp ? 0 : UDP_HEADER)
    const data = bytesOf(packets, handle, COPY.userOut).subarray(skip)
    packets.free(handle)
    return { data, address: writeName(socket.v6, words, 0, port, scope), ttl }
  }

  async errors(): Promise<SocketError[]> {
    const { v6, errors } = this.#live('read errors')
    return errors.splice(0).map(({ payload, destination, port, offender, ...error }) => ({
      errno: error.errno,
      type: error.type,
      code: error.code,
      info: error.info,
      data: payload,
      destination: writeName(v6, destination, 0, port),
      offender: writeName(v6, offender, 0, 0),
    }))
  }

  async setsockopt(level: number, name: number, value: Uint8Array): Promise<void> {
    const op = `set option ${level}/${name}`
    const result = setOption(this.#live(op), level, name, value)
    if (result < 0) throw failed(op, result)
  }

  async getsockname(): Promise<Uint8Array> {
    const { v6, local, port } = this.#live('getsockname')
    return writeName(v6, local, 0, port)
  }

  async close(): Promise<void> {
    if (this.#socket.closed) return
    this.#ip.sockets.close(this.#socket)
    this.#forget(this)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

const code = (family: number, type: number, protocol: number): ErrnoName | undefined => {
  if (family !== AF_INET && family !== AF_INET6) return 'EAFNOSUPPORT'
  if (type !== SOCK_DGRAM) return 'ESOCKTNOSUPPORT'
  const echo = family === AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6
  return protocol === 0 || protocol === IPPROTO_UDP || protocol === echo ? undefined : 'EPROTONOSUPPORT'
}

/** Sockets of an embedded kernel, for one client. `close` closes all that are open. */
export function socketsDoor(kernel: Kernel, process: Process): SocketsDoor & { close(): Promise<void> } {
  const open = new Set<EmbeddedSocket>()
  return {
    async socket(family, type, protocol, namespace) {
      const op = 'open a socket'
      const ns = namespaceOf(process, namespace, op)
      const refusal = code(family, type, protocol)
      if (refusal) throw refused(op, refusal, 'there are sockets for UDP and for ICMP echoes')
      const icmp = protocol === IPPROTO_ICMP || protocol === IPPROTO_ICMPV6
      const socket = kernel.stack.sockets.open(ns, family === AF_INET6, icmp, process.credentials.uid)
      const handle = new EmbeddedSocket(kernel, process, socket, (one) => open.delete(one))
      open.add(handle)
      return handle
    },
    async close() {
      for (const one of [...open]) await one.close()
    },
  }
}
