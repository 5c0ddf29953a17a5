import type { Calls, Watch } from '../ffi/calls.ts'

/**
 * Says when a socket may have something to read, as long as somebody waits. The event loop watches the descriptor; it goes
 * on watching between two waits, so that waiting again costs no system call, but keeps the program running, and costs
 * anything at all, only while somebody waits.
 */
export class Readiness {
  readonly #calls: Calls
  readonly #fd: number
  readonly #onReady: () => void
  #watch: Watch | undefined
  #watching = false
  #waiting = false
  #turn: NodeJS.Immediate | undefined

  constructor(calls: Calls, fd: number, onReady: () => void) {
    this.#calls = calls
    this.#fd = fd
    this.#onReady = onReady
  }

  /** Calls back once the socket can be read. */
  wait(): void {
    this.#waiting = true
    if (!this.#watch) {
      this.#watch = this.#calls.watch(this.#fd, this.#onReadable)
      this.#watching = true
      return
    }
    this.#watch.ref()
    if (this.#watching) return
    this.#watch.start(this.#onReadable)
    this.#watching = true
  }

  /** Calls back in the next turn of the event loop, after others had theirs. */
  nextTurn(): void {
    this.#waiting = true
    this.#turn ??= setImmediate(this.#onTurn)
  }

  nobodyWaits(): void {
    if (!this.#waiting) return
    this.#waiting = false
    this.#watch?.unref()
  }

  close(): void {
    this.#watch?.close()
    if (this.#turn) clearImmediate(this.#turn)
  }

  /** Runs where promises are not gone on with, so the work is done in the turn that follows at once. */
  readonly #onReadable = (status: number): void => {
    // Where the socket has an error to tell (ENOBUFS), the event loop watches no longer.
    if (status < 0) this.#watching = false
    if (this.#waiting) this.#turn ??= setImmediate(this.#onTurn)
    else {
      this.#watch?.stop()
      this.#watching = false
    }
  }

  readonly #onTurn = (): void => {
    this.#turn = undefined
    this.#onReady()
  }
}
