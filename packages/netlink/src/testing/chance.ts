/** Repeatable chance for random tests: the same seed makes the same choices, so print the seed. */
export class Chance {
  readonly seed: number
  #state: number

  constructor(seed: number) {
    this.seed = seed >>> 0
    this.#state = this.seed
  }

  /** A number of 32 bits (splitmix32). */
  u32(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0
    let x = this.#state
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad)
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97)
    return (x ^ (x >>> 15)) >>> 0
  }

  /** A whole number from 0 to `n` - 1. */
  below(n: number): number {
    return Math.floor((this.u32() / 0x1_0000_0000) * n)
  }

  /** True `times` of `of` times. */
  odds(times: number, of: number): boolean {
    return this.below(of) < times
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i++) bytes[i] = this.u32() & 0xff
    return bytes
  }
}

/** The seed of this run: the one that the environment names, or a new one. Report it when something fails. */
export const seedOf = (wanted: string | undefined): number =>
  wanted === undefined ? (Math.random() * 0x1_0000_0000) >>> 0 : Number(wanted) >>> 0
