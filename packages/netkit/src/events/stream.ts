import { KernelError, type NetlinkDoor } from '@netkit/netlink'
import { eventsIn, type Reader } from './decode.ts'
import type { KernelEvent } from './event.ts'

/** A socket that is listened to, and how its messages are understood. */
export interface Source {
  readonly door: NetlinkDoor
  readonly reader: Reader
}

/**
 * Events from one or several sockets, in the order in which they come. Of each socket one datagram is read ahead, no
 * more: who reads too slowly finds a `lost` event, as the kernel has it. Iterating ends with `close`; to leave a loop
 * does not close, so that another loop can go on.
 */
export class EventStream implements AsyncIterable<KernelEvent>, AsyncDisposable {
  readonly #sources: readonly Source[]
  readonly #ready: KernelEvent[] = []
  readonly #resume: (() => void)[] = []
  #failure: { readonly error: unknown } | undefined
  #wake: (() => void) | undefined
  #open: number
  #closed = false

  /** @internal */
  constructor(sources: readonly Source[], signal?: AbortSignal) {
    this.#sources = sources
    this.#open = sources.length
    for (const source of sources) void this.#listen(source)
    signal?.addEventListener('abort', () => void this.close(), { once: true })
    if (signal?.aborted) void this.close()
  }

  /** The next event; undefined once the stream is closed. Rejects if the connection to the kernel breaks. */
  async next(): Promise<KernelEvent | undefined> {
    while (true) {
      const event = this.#ready.shift()
      if (event) return event
      if (this.#failure) throw this.#failure.error
      if (this.#closed || this.#open === 0) return undefined
      const wait = new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      for (const resume of this.#resume.splice(0)) resume()
      await wait
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<KernelEvent, void, undefined> {
    for (let event = await this.next(); event; event = await this.next()) yield event
  }

  /** Stops listening. Events that were read already can still be had. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const resume of this.#resume.splice(0)) resume()
    this.#wake?.()
    await Promise.all(this.#sources.map(({ door }) => door.close()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #listen({ door, reader }: Source): Promise<void> {
    try {
      while (!this.#closed) if (await this.#hear(door, reader)) break
    } catch (error) {
      this.#failure ??= { error }
    } finally {
      this.#open--
      this.#wake?.()
    }
  }

  /** Reads on until the door closes (true) or loses messages (false). */
  async #hear(door: NetlinkDoor, reader: Reader): Promise<boolean> {
    try {
      for await (const datagram of door.receive()) {
        await this.#put(eventsIn(datagram, reader))
        if (this.#closed) break
      }
      return true
    } catch (e) {
      if (!(e instanceof KernelError && e.code === 'ENOBUFS')) throw e
      await this.#put([{ type: 'lost', namespace: reader.namespace, netnsid: undefined }])
      return false
    }
  }

  /** Hands events on and waits until all of them were taken. */
  async #put(events: readonly KernelEvent[]): Promise<void> {
    this.#ready.push(...events)
    const taken = new Promise<void>((resolve) => this.#resume.push(resolve))
    this.#wake?.()
    if (!this.#closed) await taken
  }
}
