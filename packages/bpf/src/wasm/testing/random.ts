/** Random numbers that a seed fixes (mulberry32). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  u32(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t)
    return (t ^ (t >>> 14)) >>> 0
  }

  /** From 0 to `limit` − 1. */
  below(limit: number): number {
    return this.u32() % limit
  }

  /** Whether something happens that does so `percent` times in a hundred. */
  chance(percent: number): boolean {
    return this.below(100) < percent
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]
  }

  /** A number that finds errors: small, at the edges of widths, or anything. */
  imm(): number {
    const kind = this.below(6)
    if (kind === 0) return this.below(16)
    if (kind === 1) return -this.below(16)
    if (kind === 2)
      return this.pick([0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, -0x80000000, -1])
    if (kind === 3) return 1 << this.below(32)
    return this.u32() | 0
  }
}
