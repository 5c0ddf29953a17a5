import {
  errno,
  KernelError,
  type ReceivedDatagram,
  type SocketError,
  type SocketHandle,
  type SocketsDoor,
} from '@netkit/netlink'
import { unpackList } from '../wire/attachments.ts'
import type { Answer, ClientConnection } from './connection.ts'
import { namespaceArg } from './remote-namespaces.ts'

/** A socket that is open in the kernel process. */
class RemoteSocket implements SocketHandle {
  readonly #connection: ClientConnection
  readonly #socket: number
  #closed = false

  constructor(connection: ClientConnection, socket: number) {
    this.#connection = connection
    this.#socket = socket
  }

  #call(name: string, args: Record<string, unknown> = {}, attachments: readonly Uint8Array[] = []): Promise<Answer> {
    return this.#connection.call(`socket.${name}`, { socket: this.#socket, ...args }, attachments)
  }

  async bind(address: Uint8Array): Promise<void> {
    await this.#call('bind', {}, [address])
  }

  async connect(address: Uint8Array): Promise<void> {
    await this.#call('connect', {}, [address])
  }

  async sendto(data: Uint8Array, address?: Uint8Array): Promise<number> {
    const { value } = await this.#call('send', {}, address ? [data, address] : [data])
    return Number(value.bytes)
  }

  /** A signal wakes the call there, so that no datagram is taken that nobody gets. */
  async receive(
    most: number,
    { wait, signal }: { readonly wait?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<ReceivedDatagram[]> {
    signal?.throwIfAborted()
    const wake = () => void this.#call('wake').catch(() => undefined)
    signal?.addEventListener('abort', wake, { once: true })
    try {
      const { value, attachments } = await this.#call('receive', { most, wait })
      const pieces = unpackList(attachments[0])
      const ttls = value.ttls as readonly (number | null)[]
      return ttls.map((ttl, i) => ({ data: pieces[2 * i], address: pieces[2 * i + 1], ttl: ttl ?? undefined }))
    } catch (error) {
      if (error instanceof KernelError && error.errno === errno.EINTR) signal?.throwIfAborted()
      throw error
    } finally {
      signal?.removeEventListener('abort', wake)
    }
  }

  async errors(): Promise<SocketError[]> {
    const { value, attachments } = await this.#call('errors')
    const pieces = unpackList(attachments[0])
    const list = value.errors as readonly Pick<SocketError, 'errno' | 'type' | 'code' | 'info'>[]
    return list.map((error, i) => {
      const [data, destination, offender] = pieces.slice(3 * i)
      return { ...error, data, destination, offender }
    })
  }

  async setsockopt(level: number, name: number, value: Uint8Array): Promise<void> {
    await this.#call('option', { level, name }, [value])
  }

  async getsockname(): Promise<Uint8Array> {
    return (await this.#call('name')).attachments[0]
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    // With the connection the session ends, and closes what it had open.
    if (!this.#connection.closed) await this.#call('close')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** Sockets of the kernel process. */
export const remoteSockets = (connection: ClientConnection): SocketsDoor => ({
  async socket(family, type, protocol, namespace) {
    const args = { family, type, protocol, namespace: namespaceArg(namespace) }
    const { value } = await connection.call('socket.open', args)
    return new RemoteSocket(connection, Number(value.socket))
  },
})
