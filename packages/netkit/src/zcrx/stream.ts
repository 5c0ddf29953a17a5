import { errno, KernelError } from '@netkit/netlink'

type Result = IteratorResult<Uint8Array, undefined>

/** What a stream needs of its receiver. */
export interface StreamSource {
  bytes(offset: number, length: number): Uint8Array
  /** Gives bytes back, whatever it takes. */
  release(offset: number): void
  /** Resolves when something may have come for any stream. */
  pump(): Promise<void>
  /** Has the kernel take back what was given, and go on with a stream of which so many bytes have been received. */
  goOn(stream: number, received: number): void
  /** Nobody reads the stream any more. */
  forget(stream: number): void
}

/** What ends a receiver's request, and not the stream: there was no buf, or no room for completions. What waits, waits. */
const isPause = (result: number): boolean => result === -errno.ENOMEM || result === -errno.ENOSPC

/**
 * A stream that is read, view by view; each goes back when the next is asked for. Not an async generator: views are a few kilobytes
 * each, and a generator costs more than all that the kernel does for them.
 */
export class ZcrxStream implements AsyncIterator<Uint8Array, undefined> {
  readonly #source: StreamSource
  readonly #number: number
  /** What was received and is not read yet, from `#next` on: offsets in the area and lengths in turn. */
  #pieces: number[] = []
  #next = 0
  /** Offset of the view that is out; -1: none. */
  #out = -1
  /** What its last completion said; undefined while there may be more. */
  #result: number | undefined
  #received = 0
  /** What had been received when the kernel paused last. */
  #pausedAt = 0

  constructor(source: StreamSource, number: number) {
    this.#source = source
    this.#number = number
  }

  push(offset: number, length: number): void {
    this.#pieces.push(offset, length)
    this.#received += length
  }

  end(result: number): void {
    this.#result = result
  }

  next(): Promise<Result> {
    if (this.#out >= 0) this.#release()
    return this.#next < this.#pieces.length ? Promise.resolve(this.#take()) : this.#later()
  }

  /** The reader has had enough: what it has not read goes back. */
  async return(): Promise<Result> {
    if (this.#out >= 0) this.#release()
    for (; this.#next < this.#pieces.length; this.#next += 2) this.#source.release(this.#pieces[this.#next])
    this.#result = 0
    this.#source.forget(this.#number)
    return { done: true, value: undefined }
  }

  #take(): Result {
    const offset = this.#pieces[this.#next]
    const value = this.#source.bytes(offset, this.#pieces[this.#next + 1])
    this.#next += 2
    this.#out = offset
    return { done: false, value }
  }

  #release(): void {
    this.#source.release(this.#out)
    this.#out = -1
  }

  async #later(): Promise<Result> {
    while (this.#next === this.#pieces.length) {
      this.#pieces = []
      this.#next = 0
      if (this.#result !== undefined && !this.#resumes(this.#result)) return this.#ended(this.#result)
      await this.#source.pump()
    }
    return this.#take()
  }

  /** Whether it can go on after such an end: everything that was read has gone back by now. Not twice at the same place. */
  #resumes(result: number): boolean {
    if (!isPause(result) || this.#received === this.#pausedAt) return false
    this.#pausedAt = this.#received
    this.#result = undefined
    this.#source.goOn(this.#number, this.#received)
    return true
  }

  #ended(result: number): Result {
    this.#source.forget(this.#number)
    this.#result = 0
    if (result !== 0) throw new KernelError({ op: 'zcrx read', errno: -result })
    return { done: true, value: undefined }
  }
}
