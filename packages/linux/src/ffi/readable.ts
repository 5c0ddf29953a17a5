import type { Calls, Watch } from './calls.ts'

/** Waits for a descriptor that can be read, for anybody who asks, by one watch of the event loop. */
export class Readable {
  readonly #calls: Calls
  readonly #fd: number
  readonly #waiting = new Set<() => void>()
  #watch: Watch | undefined

  constructor(c: Calls, fd: number) {
    this.#calls = c
    this.#fd = fd
  }

  /** Resolves when the descriptor can be read, at {@link close}, or after `most` ms. */
  wait(most = Number.POSITIVE_INFINITY): Promise<void> {
    return new Promise((resolve) => {
      const timer = Number.isFinite(most) ? setTimeout(() => done(), most) : undefined
      const done = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        if (this.#waiting.size === 0) this.#watch?.stop()
        resolve()
      }
      this.#waiting.add(done)
      this.#watch ??= this.#calls.watch(this.#fd, () => undefined)
      this.#watch.start(() => this.#wakeAll())
    })
  }

  #wakeAll(): void {
    for (const done of [...this.#waiting]) done()
  }

  /** Before the descriptor is closed. */
  close(): void {
    this.#watch?.close()
    this.#watch = undefined
    this.#wakeAll()
  }
}
