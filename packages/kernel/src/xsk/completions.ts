import type { BufferPool, ForeignBuffers } from '../packet/pool.ts'
import type { ProducedRing } from './ring.ts'

/**
 * What is being sent from a UMEM: buffers by number, given back to the application in the order in which they were taken, each when
 * nobody uses it any more. There are never more than the completion ring has room for.
 */
export class Completions {
  readonly #ring: ProducedRing
  readonly #buffers: BufferPool
  readonly #mine: ForeignBuffers
  /** The same slots once more, for packets whose ends a program may move. */
  readonly #wide: ForeignBuffers
  readonly #low: Int32Array
  readonly #high: Int32Array
  readonly #done: Uint8Array
  readonly #mask: number
  #head = 0
  #tail = 0
  /** While more come, what is done is shown to the application at the end. */
  #held = false

  /** `chunk`: bytes of a chunk, for packets whose buffer is all of it. */
  constructor(ring: ProducedRing, buffers: BufferPool, chunk: number) {
    this.#ring = ring
    this.#buffers = buffers
    const { entries } = ring
    this.#mask = entries - 1
    this.#low = new Int32Array(entries)
    this.#high = new Int32Array(entries)
    this.#done = new Uint8Array(entries)
    this.#mine = buffers.addForeign(entries, 0, (buffer) => this.#complete(buffer - this.#mine.first))
    this.#wide = buffers.addForeign(entries, chunk, (buffer) => this.#complete(buffer - this.#wide.first))
  }

  /** How many more can be sent: at least `wanted` if there is room. */
  room(wanted: number): number {
    const sending = (this.#tail - this.#head) | 0
    return this.#ring.room(wanted + sending) - sending
  }

  hold(): void {
    this.#held = true
  }

  flush(): void {
    this.#held = false
    this.#ring.publish()
  }

  /** A buffer that begins at `offset` in packet memory is being sent; its number. There is room. */
  begin(low: number, high: number, offset: number): number {
    const slot = this.#tail & this.#mask
    this.#tail = (this.#tail + 1) | 0
    this.#low[slot] = low
    this.#high[slot] = high
    this.#done[slot] = 0
    const buffer = this.#mine.first + slot
    this.#buffers.place(buffer, offset)
    return buffer
  }

  /** Has a buffer that was begun be a whole chunk, which starts at `offset`; the number that it has from then on. */
  widen(buffer: number, offset: number): number {
    const wide = this.#wide.first + buffer - this.#mine.first
    this.#buffers.takeFrom(buffer)
    this.#buffers.place(wide, offset)
    return wide
  }

  /** The opposite: it begins where its packet does. */
  narrow(wide: number, offset: number): number {
    const buffer = this.#mine.first + wide - this.#wide.first
    this.#buffers.takeFrom(wide)
    this.#buffers.place(buffer, offset)
    return buffer
  }

  /** What was not sent at all comes back in its turn. */
  skip(low: number, high: number): void {
    this.#buffers.release(this.begin(low, high, 0))
  }

  #complete(slot: number): void {
    this.#done[slot] = 1
    while (this.#head !== this.#tail) {
      const first = this.#head & this.#mask
      if (this.#done[first] === 0) break
      this.#done[first] = 0
      this.#ring.putAddress(this.#low[first], this.#high[first])
      this.#head = (this.#head + 1) | 0
    }
    if (!this.#held) this.#ring.publish()
  }

  /** Nobody is told any more, and the ring is not written to. Calls `then` when nothing is being sent any more. */
  end(then: () => void): void {
    this.#buffers.removeForeign(this.#mine, () => this.#buffers.removeForeign(this.#wide, then))
  }
}
