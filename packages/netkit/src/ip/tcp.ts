import { AF_INET, AF_INET6, KernelError, refused, type StreamHandle } from '@netkit/netlink'
import { indexOf } from '../devices/look.ts'
import { type DeviceSelector, placeOf } from '../devices/selector.ts'
import { InputError, shown } from '../input/input-error.ts'
import type { NamespaceTarget } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import { addressOf, type IpFamily } from './prefix.ts'
import { decodeAddress, encodeAddress, type SocketAddress } from './sockets.ts'
import { TcpConnection, type Waiting } from './tcp-connection.ts'

interface TcpPlace {
  /** Only by this device; link-local addresses need it. */
  readonly device?: DeviceSelector
  /** The namespace in which it is. Default: the one that the client itself lives in. */
  readonly in?: NamespaceTarget
}

export interface TcpConnectOptions extends TcpPlace, Waiting {
  /** Where to go from: an address of this namespace and a port, 0 for any. */
  readonly bind?: SocketAddress
  /** Send small pieces at once. Default: false. */
  readonly noDelay?: boolean
}

export interface TcpListenOptions extends TcpPlace {
  /** Default: any, of the family. */
  readonly address?: string
  /** 0, the default: a free one. */
  readonly port?: number
  /** Where there is no address. Default: `inet`; `inet6` takes connections of IPv4, too. */
  readonly family?: IpFamily
  /** Connections that may wait to be accepted. Default: 128. */
  readonly backlog?: number
}

const SOL_SOCKET = 1
const SO_REUSEADDR = 2
const SO_BINDTOIFINDEX = 62
const SOL_TCP = 6
const TCP_NODELAY = 1
const BACKLOG = 128

/** A port on which connections are taken. Close it (`await using`) when it is not needed any more. */
export class TcpListener implements AsyncDisposable, AsyncIterable<TcpConnection> {
  readonly #handle: StreamHandle
  #closed = false

  /** @internal */
  constructor(handle: StreamHandle) {
    this.#handle = handle
  }

  /** The next connection. */
  async accept({ signal }: Waiting = {}): Promise<TcpConnection> {
    return new TcpConnection(await this.#handle.accept({ signal }))
  }

  /** The connections that come, until it is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<TcpConnection, void, undefined> {
    while (!this.#closed) {
      try {
        yield await this.accept()
      } catch (error) {
        if (this.#closed && error instanceof KernelError) return
        throw error
      }
    }
  }

  /** Its address and port. */
  async address(): Promise<SocketAddress> {
    return decodeAddress(await this.#handle.getsockname())
  }

  /** Connections that nobody has accepted are reset. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#handle.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** Connections of TCP: `kernel.tcp`. KernelError EOPNOTSUPP where the kernel has no door for them. */
export class Tcp {
  readonly #places: Places

  /** @internal */
  constructor(places: Places) {
    this.#places = places
  }

  /**
   * Connects to an address and port; resolves when the connection stands. Rejects with KernelError: ECONNREFUSED, ETIMEDOUT,
   * EHOSTUNREACH, ENETUNREACH, EADDRINUSE, EADDRNOTAVAIL.
   */
  async connect(to: SocketAddress, options: TcpConnectOptions = {}): Promise<TcpConnection> {
    const op = 'tcp connect'
    const address = encodeAddress(op, 'to', to)
    const handle = await this.#open(op, addressOf(op, 'to.address', to.address).length === 4, options)
    try {
      if (options.noDelay) await setOption(handle, SOL_TCP, TCP_NODELAY, 1)
      if (options.bind) await handle.bind(encodeAddress(op, 'bind', options.bind))
      await handle.connect(address, { signal: options.signal })
    } catch (error) {
      await handle.close()
      throw error
    }
    return new TcpConnection(handle)
  }

  /**
   * Takes connections on a port. Rejects with KernelError: EADDRINUSE, EADDRNOTAVAIL for an address that is not of this namespace,
   * EACCES for a port below 1024 without CAP_NET_BIND_SERVICE.
   */
  async listen(options: TcpListenOptions = {}): Promise<TcpListener> {
    const op = 'tcp listen'
    const { family = 'inet', port = 0, backlog = BACKLOG } = options
    const host = options.address ?? (family === 'inet' ? '0.0.0.0' : '::')
    if (!Number.isInteger(backlog) || backlog < 0)
      throw new InputError(op, 'backlog', `must be an integer from 0, not ${shown(backlog)}`)
    const address = encodeAddress(op, 'address', { address: host, port })
    const handle = await this.#open(op, addressOf(op, 'address', host).length === 4, options)
    try {
      await setOption(handle, SOL_SOCKET, SO_REUSEADDR, 1)
      await handle.bind(address)
      await handle.listen(backlog)
    } catch (error) {
      await handle.close()
      throw error
    }
    return new TcpListener(handle)
  }

  async #open(op: string, v4: boolean, { device, in: place }: TcpPlace): Promise<StreamHandle> {
    const { doors } = this.#places.context
    const { streams } = doors
    if (!streams) throw refused(op, 'EOPNOTSUPP', `the ${doors.kind} kernel is reached without a door for TCP`)
    const target = device === undefined ? place : placeOf(device, place)
    const ifindex =
      device === undefined ? 0 : await this.#places.with(target, (scope) => indexOf(scope, op, device, undefined))
    const family = v4 ? AF_INET : AF_INET6
    const handle =
      target === undefined
        ? await streams.socket(family, 0)
        : await this.#places.opened(target, (ns) => streams.socket(family, 0, ns.handle))
    try {
      if (ifindex !== 0) await setOption(handle, SOL_SOCKET, SO_BINDTOIFINDEX, ifindex)
    } catch (error) {
      await handle.close()
      throw error
    }
    return handle
  }
}

function setOption(handle: StreamHandle, level: number, name: number, value: number): Promise<void> {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setInt32(0, value, true)
  return handle.setsockopt(level, name, bytes)
}
