/** Chunks of a UMEM that are in no ring. One thread's. */
export class FreeChunks {
  readonly #stack: Uint32Array
  #count = 0

  constructor(size: number, chunkSize: number) {
    const chunks = Math.floor(size / chunkSize)
    this.#stack = new Uint32Array(chunks)
    for (let n = chunks - 1; n >= 0; n--) this.#stack[this.#count++] = n * chunkSize
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
