/** Chunks of a UMEM that are in no ring. One thread's. */
export class FreeChunks {
  readonly #stack: Uint32Array
  #count = 0

  /** `those`: the ones that are free. Default: all. */
  constructor(size: number, chunkSize: number, those?: Uint32Array) {
    const chunks = Math.floor(size / chunkSize)
    this.#stack = new Uint32Array(chunks)
    if (those) this.#stack.set(those)
    if (those) this.#count = those.length
    else for (let n = chunks - 1; n >= 0; n--) this.#stack[this.#count++] = n * chunkSize
  }

  /** Takes all, for another thread's pile. */
  takeAll(): Uint32Array {
    const all = this.#stack.slice(0, this.#count)
    this.#count = 0
    return all
  }

  get count(): number {
    return this.#count
  }

  /** There is one. */
  take(): number {
    return this.#stack[--this.#count]
  }

  give(chunk: number): void {
    if (this.#count === this.#stack.length) throw new RangeError(`chunk ${chunk} was given back twice`)
    this.#stack[this.#count++] = chunk
  }
}
