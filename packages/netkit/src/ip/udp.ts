import { KernelError, type SocketHandle } from '@netkit/netlink'
import type { DeviceSelector } from '../devices/selector.ts'
import type { NamespaceTarget } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import type { IpFamily } from './prefix.ts'
import { decodeAddress, encodeAddress, openSocket, type SocketAddress, setOption } from './sockets.ts'

export interface UdpOptions {
  /** Default: `inet`. Sockets of `inet6` speak IPv4, too, with addresses like `::ffff:10.0.0.1`. */
  readonly family?: IpFamily
  /** Where to send, and from whom alone to receive, as `connect` has it. */
  readonly connect?: SocketAddress
  /** Where to receive, as `bind` has it. */
  readonly bind?: SocketAddress
  /** Only by this device. Default: by any. */
  readonly device?: DeviceSelector
  /** Whether it may send to broadcast addresses of IPv4. Default: false. */
  readonly broadcast?: boolean
  /** The namespace in which it is. Default: the one that the client itself lives in. */
  readonly in?: NamespaceTarget
}

/** A datagram that was received. */
export interface UdpDatagram {
  readonly data: Uint8Array
  readonly from: SocketAddress
  /** TTL or hop limit that was left of it, where the kernel tells. */
  readonly ttl: number | undefined
}

const IPPROTO_UDP = 17
const SOL_SOCKET = 1
const SO_BROADCAST = 6
/** Datagrams that are taken at once. */
const BATCH = 64

/** A socket of UDP. It goes with the connection to the kernel; close it (`await using`) when it is not needed any more. */
export class UdpSocket implements AsyncDisposable {
  readonly #handle: SocketHandle
  /** What was taken and not given yet: a loop that ends early leaves it to the next. */
  readonly #received: UdpDatagram[] = []
  #closed = false

  /** @internal */
  constructor(handle: SocketHandle) {
    this.#handle = handle
  }

  /**
   * Takes an address and a port; port 0 is a free one. Rejects with KernelError: EADDRINUSE, EADDRNOTAVAIL for an address
   * that is not of this namespace, EACCES for a port below 1024 without CAP_NET_BIND_SERVICE, EINVAL if it has a port.
   */
  async bind(address: SocketAddress): Promise<void> {
    await this.#handle.bind(encodeAddress('bind', 'address', address))
  }

  /** From now on sends to this address, and receives from it alone. ICMP errors about what was sent are told then. */
  async connect(address: SocketAddress): Promise<void> {
    await this.#handle.connect(encodeAddress('connect', 'address', address))
  }

  /**
   * Sends a datagram of up to 65507 bytes; without `to` to where it is connected. Resolves with the number of bytes, when
   * it has left. Rejects with KernelError: EDESTADDRREQ, EMSGSIZE, ENETUNREACH, EACCES for a broadcast address;
   * ECONNREFUSED if nobody listened where something was sent before.
   */
  async send(data: Uint8Array, to?: SocketAddress): Promise<number> {
    return await this.#handle.sendto(data, to && encodeAddress('send', 'to', to))
  }

  /**
   * The datagrams that come, until it is closed or the signal stops it. Throws KernelError ECONNREFUSED, EHOSTUNREACH or the
   * like after an ICMP error about what a connected socket sent; it can be gone on with by another loop. One at a time.
   */
  async *receive({ signal }: { readonly signal?: AbortSignal } = {}): AsyncGenerator<UdpDatagram, void, undefined> {
    while (!signal?.aborted && !this.#closed) {
      const first = this.#received.shift()
      if (first) {
        yield first
        continue
      }
      try {
        for (const { data, address, ttl } of await this.#handle.receive(BATCH, { signal }))
          this.#received.push({ data, from: decodeAddress(address), ttl })
      } catch (error) {
        const closed = this.#closed && error instanceof KernelError && error.code === 'EBADF'
        if (closed || signal?.aborted) return
        throw error
      }
    }
  }

  /** Its own address and port. */
  async address(): Promise<SocketAddress> {
    return decodeAddress(await this.#handle.getsockname())
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#handle.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** Opens a socket of UDP: `kernel.udp()`. */
export async function openUdp(places: Places, options: UdpOptions): Promise<UdpSocket> {
  const { family = 'inet', bind, connect, broadcast } = options
  const wish = { v4: family === 'inet', protocol: IPPROTO_UDP, device: options.device, in: options.in }
  const { handle } = await openSocket(places, 'udp', wish)
  const socket = new UdpSocket(handle)
  try {
    if (broadcast) await setOption(handle, SOL_SOCKET, SO_BROADCAST, 1)
    if (bind) await socket.bind(bind)
    if (connect) await socket.connect(connect)
  } catch (error) {
    await socket.close()
    throw error
  }
  return socket
}
