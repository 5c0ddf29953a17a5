import { type Datagram, errno, type NetlinkDoor, refused } from '@netkit/netlink'
import type { NetlinkSocket } from '../netlink/socket.ts'

/** A netlink socket of the embedded kernel, as clients know sockets. Nothing is read ahead: a dump goes on as it is read. */
export class EmbeddedNetlinkDoor implements NetlinkDoor {
  readonly #socket: NetlinkSocket
  readonly #onClose: () => void
  #wake: (() => void) | undefined

  constructor(socket: NetlinkSocket, onClose: () => void) {
    this.#socket = socket
    this.#onClose = onClose
    socket.onReadable = () => this.#wake?.()
  }

  get portId(): number {
    return this.#socket.portId
  }

  async send(datagram: Uint8Array): Promise<void> {
    const result = this.#socket.send(datagram)
    if (result === -errno.EBADF) throw refused('send on a closed netlink socket', 'EBADF')
    if (result === -errno.EMSGSIZE) throw refused(`send a datagram of ${datagram.length} bytes`, 'EMSGSIZE')
    if (result < 0) throw refused('send an empty datagram', 'ENODATA')
  }

  async *receive(): AsyncGenerator<Datagram, void, undefined> {
    while (!this.#socket.closed) {
      const item = this.#socket.receive()
      if (item) yield item
      else await this.#readable()
    }
  }

  #readable(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined
        resolve()
      }
      if (this.#socket.readable || this.#socket.closed) this.#wake()
    })
  }

  async join(group: number): Promise<void> {
    if (this.#socket.join(group) < 0) throw refused(`join multicast group ${group}`, 'EINVAL')
  }

  async leave(group: number): Promise<void> {
    if (this.#socket.leave(group) < 0) throw refused(`leave multicast group ${group}`, 'EINVAL')
  }

  async close(): Promise<void> {
    this.#socket.close()
    this.#onClose()
    this.#wake?.()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
