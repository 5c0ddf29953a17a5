import type { RandomState } from '../world.ts'

/** Steps of a 32-bit random number. */
export const RANGE = 0x1_0000_0000

/**
 * Something that happens to a share of the frames. With correlation, what happened to a frame happens to the next one with that
 * chance, and otherwise it is left to chance anew: the share stays what was asked for, and it comes in runs.
 */
export class Chance {
  readonly #random: RandomState
  readonly #below: number
  readonly #again: number
  #last = false

  constructor(random: RandomState, share = 0, correlation = 0) {
    this.#random = random
    this.#below = share * RANGE
    this.#again = correlation * RANGE
  }

  happens(): boolean {
    if (this.#below === 0) return false
    if (this.#again > 0 && this.#random.next() < this.#again) return this.#last
    this.#last = this.#random.next() < this.#below
    return this.#last
  }
}

/** Loss in bursts: a chain of two states, each with a share of loss of its own. Source: Gilbert 1960, Elliott 1963. */
export class BurstChance {
  readonly #random: RandomState
  readonly #begin: number
  readonly #end: number
  readonly #lossInside: number
  readonly #lossOutside: number
  #inside = false

  constructor(random: RandomState, begin: number, end = 1 - begin, lossInside = 1, lossOutside = 0) {
    this.#random = random
    this.#begin = begin * RANGE
    this.#end = end * RANGE
    this.#lossInside = lossInside * RANGE
    this.#lossOutside = lossOutside * RANGE
  }

  happens(): boolean {
    const random = this.#random
    if (random.next() < (this.#inside ? this.#end : this.#begin)) this.#inside = !this.#inside
    return random.next() < (this.#inside ? this.#lossInside : this.#lossOutside)
  }
}
