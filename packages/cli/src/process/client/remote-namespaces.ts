import type { NamespaceHandle, NamespaceRef, NamespacesDoor } from '@netkit/netlink'
import type { NamespaceArg } from '../wire/protocol.ts'
import type { ClientConnection } from './connection.ts'

/** A namespace that is open in the session of this client. */
class RemoteNamespace implements NamespaceHandle {
  readonly fd: number
  readonly inode: number
  readonly #connection: ClientConnection
  #open = true

  constructor(connection: ClientConnection, fd: number, inode: number) {
    this.#connection = connection
    this.fd = fd
    this.inode = inode
  }

  async close(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    // With the connection the session ends, and closes what it had open.
    if (this.#connection.closed) return
    try {
      await this.#connection.call('namespaces.close', { fd: this.fd })
    } catch (error) {
      if (!this.#connection.closed) throw error
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** How a namespace is meant in a call. */
export const namespaceArg = (handle: NamespaceHandle | undefined): NamespaceArg | undefined =>
  handle && { fd: handle.fd }

export const remoteNamespaces = (connection: ClientConnection): NamespacesDoor => ({
  async create(name) {
    await connection.call('namespaces.create', { name })
  },
  async remove(name) {
    await connection.call('namespaces.remove', { name })
  },
  async list() {
    return (await connection.call('namespaces.list')).value.names as readonly string[]
  },
  async open(ref: NamespaceRef): Promise<NamespaceHandle> {
    const { value } = await connection.call('namespaces.open', { namespace: ref })
    return new RemoteNamespace(connection, Number(value.fd), Number(value.inode))
  },
})
