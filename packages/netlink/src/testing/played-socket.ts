import type { Datagram, NetlinkDoor, NetlinkSocketOptions } from '../doors/netlink.ts'
import { errno } from '../errno.ts'
import { KernelError } from '../errors.ts'

/** What the part of the kernel is played with: one datagram in, the datagrams that answer it out. */
export type Play = (request: Uint8Array, socket: PlayedSocket) => readonly Uint8Array[] | undefined

type Item = Datagram | Error

/**
 * A netlink socket behind which a function plays the kernel. Nothing is checked and nothing is answered that the function
 * does not answer, so that a test can say exactly what happens: replies out of order, lost messages, no answer at all.
 */
export class PlayedSocket implements NetlinkDoor {
  readonly portId: number
  /** What the socket was opened with. */
  readonly options: NetlinkSocketOptions
  /** Every datagram that was sent, in order. */
  readonly sent: Uint8Array[] = []
  /** The multicast groups that it is in. */
  readonly groups = new Set<number>()
  closed = false
  readonly #play: Play
  readonly #queue: Item[] = []
  #wake: (() => void) | undefined

  constructor(play: Play, options: NetlinkSocketOptions, portId: number) {
    this.#play = play
    this.options = options
    this.portId = portId
  }

  async send(datagram: Uint8Array): Promise<void> {
    this.sent.push(datagram)
    for (const bytes of this.#play(datagram, this) ?? []) this.deliver(bytes)
  }

  /** Puts a datagram into the receive queue; `group` 0 means that it was sent to this socket alone. */
  deliver(bytes: Uint8Array, group = 0, nsid?: number): void {
    this.#put({ bytes, group, nsid })
  }

  /** Makes the reader fail with ENOBUFS once, as if messages had been lost here. */
  lose(): void {
    this.fail(new KernelError({ op: 'receive', errno: errno.ENOBUFS }))
  }

  /** Makes the reader fail with this error once. */
  fail(error: Error): void {
    this.#put(error)
  }

  async *receive(): AsyncGenerator<Datagram> {
    while (true) {
      const item = this.#queue.shift()
      if (item instanceof Error) throw item
      if (item) yield item
      else if (this.closed) return
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }

  async join(group: number): Promise<void> {
    this.groups.add(group)
  }

  async leave(group: number): Promise<void> {
    this.groups.delete(group)
  }

  async close(): Promise<void> {
    this.closed = true
    this.#wake?.()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #put(item: Item): void {
    this.#queue.push(item)
    this.#wake?.()
    this.#wake = undefined
  }
}
