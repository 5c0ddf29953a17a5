import type { ClientConnection } from './connection.ts'

/** Bytes that may wait unread here before the rest waits in the kernel. */
const ENOUGH = 256 * 1024

interface Waiter<T> {
  resolve(result: IteratorResult<T>): void
  reject(why: unknown): void
}

type Item<T> = { readonly value: T; readonly size: number } | { readonly error: unknown }

/** What came over a connection and waits to be read; if nobody reads, the connection is not read either. */
export class Inbox<T> implements AsyncIterable<T> {
  readonly #connection: ClientConnection
  #items: Item<T>[] = []
  #head = 0
  #bytes = 0
  readonly #waiters: Waiter<T>[] = []
  /** Why there will be no more; undefined as long as there may be. */
  #end: { readonly error?: unknown } | undefined

  constructor(connection: ClientConnection) {
    this.#connection = connection
  }

  put(value: T, size: number): void {
    if (this.#end) return
    const waiter = this.#waiters.shift()
    if (waiter) {
      waiter.resolve({ value, done: false })
      return
    }
    this.#items.push({ value, size })
    this.#bytes += size
    if (this.#bytes > ENOUGH) this.#connection.pause(true)
  }

  /** An error at this place in the stream; it goes on afterwards. */
  fail(error: unknown): void {
    if (this.#end) return
    const waiter = this.#waiters.shift()
    if (waiter) waiter.reject(error)
    else this.#items.push({ error })
  }

  /** Nothing more comes. `error`: why, unless it was wanted. */
  end(error?: unknown): void {
    if (this.#end) return
    this.#end = error === undefined ? {} : { error }
    for (const waiter of this.#waiters.splice(0)) this.#finish(waiter)
  }

  #finish(waiter: Waiter<T>): void {
    if (this.#end?.error !== undefined) waiter.reject(this.#end.error)
    else waiter.resolve({ value: undefined, done: true })
  }

  #next(waiter: Waiter<T>): void {
    if (this.#head < this.#items.length) {
      const item = this.#items[this.#head++]
      if (this.#head === this.#items.length || this.#head > 512) {
        this.#items = this.#items.slice(this.#head)
        this.#head = 0
      }
      if ('error' in item) {
        waiter.reject(item.error)
        return
      }
      const before = this.#bytes
      this.#bytes -= item.size
      if (before > ENOUGH / 2 && this.#bytes <= ENOUGH / 2) this.#connection.pause(false)
      waiter.resolve({ value: item.value, done: false })
    } else if (this.#end) this.#finish(waiter)
    else this.#waiters.push(waiter)
  }

  /** Iterators take from the same stream; leaving one does not end it. */
  [Symbol.asyncIterator](): AsyncIterator<T> {
    return {
      next: () => new Promise<IteratorResult<T>>((resolve, reject) => this.#next({ resolve, reject })),
      return: async () => ({ value: undefined, done: true }),
    }
  }
}
