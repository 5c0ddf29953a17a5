import type { Datagram, NetlinkDoor } from '@netkit/netlink'

/** What a socket receives: answers of its own, and what comes to the socket behind it. */
export class Inbox {
  readonly #inner: NetlinkDoor
  readonly #own: Uint8Array[] = []
  #reader: AsyncIterator<Datagram> | undefined
  #next: Promise<IteratorResult<Datagram>> | undefined
  #wake: (() => void) | undefined
  #closed = false

  constructor(inner: NetlinkDoor) {
    this.#inner = inner
  }

  put(bytes: Uint8Array): void {
    this.#own.push(bytes)
    this.#wake?.()
  }

  close(): void {
    this.#closed = true
    this.#wake?.()
  }

  async *read(): AsyncGenerator<Datagram> {
    while (!this.#closed) {
      const bytes = this.#own.shift()
      if (bytes) {
        yield { bytes, group: 0 }
        continue
      }
      const woken = new Promise<undefined>((resolve) => {
        this.#wake = () => resolve(undefined)
      })
      this.#reader ??= this.#inner.receive()[Symbol.asyncIterator]()
      this.#next ??= this.#reader.next()
      const result = await Promise.race([woken, this.#next])
      if (!result) continue
      this.#next = undefined
      if (result.done) return
      yield result.value
    }
  }
}
