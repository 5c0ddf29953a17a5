import type { Scalar } from './scalar.ts'

let serials = 0

/** A number that no other scalar has, by which what is known of it is found. */
export const newSerial = (): number => ++serials

const ENTRIES = 1 << 10

/**
 * What was last found out about two numbers. Paths through a program calculate the same again and again, from the very same
 * operands.
 */
export class Memo<T> {
  readonly #a: (Scalar | undefined)[] = new Array(ENTRIES).fill(undefined)
  readonly #b: (Scalar | undefined)[] = new Array(ENTRIES).fill(undefined)
  readonly #what = new Int32Array(ENTRIES)
  readonly #results: T[] = []

  /** The place of a question: what is asked (any number), and the operands. */
  place(what: number, a: Scalar, b: Scalar): number {
    return (Math.imul(a.serial, 0x9e3779b1) ^ Math.imul(b.serial, 0x85ebca6b) ^ Math.imul(what, 0xc2b2ae35)) >>> 22
  }

  holds(place: number, what: number, a: Scalar, b: Scalar): boolean {
    return this.#a[place] === a && this.#b[place] === b && this.#what[place] === what
  }

  get(place: number): T {
    return this.#results[place]
  }

  set(place: number, what: number, a: Scalar, b: Scalar, result: T): T {
    this.#a[place] = a
    this.#b[place] = b
    this.#what[place] = what
    this.#results[place] = result
    return result
  }
}
