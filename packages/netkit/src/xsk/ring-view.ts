import type { RingPlace } from './layout.ts'

/** The words of the memory that rings lie in, replaced when memory that is not shared has grown. */
export interface Words {
  i32: Int32Array
}

/** The application's end of a ring: the same on the embedded kernel and on Linux. Indices run freely over 32 bits. */
abstract class RingView {
  /** Where an entry's words are: `first + ((index & mask) << shift)`. */
  readonly first: number
  readonly mask: number
  /** The application's own index: entries that it has taken or put in. */
  index = 0
  protected readonly words: Words
  protected readonly place: RingPlace

  constructor(words: Words, place: RingPlace) {
    this.words = words
    this.place = place
    this.first = place.first
    this.mask = place.entries - 1
  }

  /** Whether the kernel has to be woken to look at the ring. */
  get needsWakeup(): boolean {
    return (Atomics.load(this.words.i32, this.place.flags) & 1) !== 0
  }
}

/** A ring that the kernel fills: RX, completion. */
export class TakingView extends RingView {
  constructor(words: Words, place: RingPlace) {
    super(words, place)
    this.index = Atomics.load(words.i32, place.consumer)
  }

  /** Entries that wait. */
  get available(): number {
    return (Atomics.load(this.words.i32, this.place.producer) - this.index) | 0
  }

  /** Gives back entries that were read. */
  release(count: number): void {
    this.index = (this.index + count) | 0
    Atomics.store(this.words.i32, this.place.consumer, this.index)
  }

  /** Blocks the thread until there is something or `timeout` ms have passed. Only in threads that may wait. */
  wait(timeout: number): void {
    Atomics.wait(this.words.i32, this.place.producer, this.index, timeout)
  }
}

/** A ring that the application fills: fill, TX. */
export class PuttingView extends RingView {
  #taken: number

  constructor(words: Words, place: RingPlace) {
    super(words, place)
    this.index = Atomics.load(words.i32, place.producer)
    this.#taken = Atomics.load(words.i32, place.consumer)
  }

  /** Entries that there is room for: at least `wanted` if there is. */
  room(wanted: number): number {
    const { entries, consumer } = this.place
    const room = (entries - (this.index - this.#taken)) | 0
    if (room >= wanted) return room
    this.#taken = Atomics.load(this.words.i32, consumer)
    return (entries - (this.index - this.#taken)) | 0
  }

  /** As far as the kernel has come. */
  get consumed(): number {
    return Atomics.load(this.words.i32, this.place.consumer)
  }

  /** Shows the kernel entries that were written. */
  publish(count: number): void {
    this.index = (this.index + count) | 0
    Atomics.store(this.words.i32, this.place.producer, this.index)
  }
}
