import type { World } from '../world.ts'

/** The journal does not fit the kernel that reads it: another version wrote it, or this one has a fault. */
export class JournalError extends Error {
  override readonly name = 'JournalError'
}

/** What an event was handled with. */
export interface Circumstances {
  readonly now: bigint
  readonly random: readonly number[]
}

/**
 * A world whose time stands still during an event and whose dice are written down, so that the event can be handled again
 * with the same ones.
 */
export class JournaledWorld implements World {
  readonly #inner: World
  /** Added to the inner clock: time that passed before this world began. */
  #before = 0n
  #fixed: bigint | undefined
  #drawn: number[] | undefined
  #given: readonly number[] | undefined
  #taken = 0

  constructor(inner: World) {
    this.#inner = inner
  }

  now(): bigint {
    return this.#fixed ?? this.#before + this.#inner.now()
  }

  random(): number {
    if (this.#given) {
      if (this.#taken === this.#given.length) throw new JournalError('an event needs more random numbers than it did')
      return this.#given[this.#taken++]
    }
    const n = this.#inner.random()
    this.#drawn?.push(n)
    return n
  }

  schedule(atNs: bigint, task: () => void): { cancel(): void } {
    return this.#inner.schedule(atNs - this.#before, task)
  }

  keepsRunning(on: boolean): void {
    this.#inner.keepsRunning?.(on)
  }

  /** Handles an event for the first time. Calls cannot be nested. */
  record<T>(run: () => T, done: (circumstances: Circumstances) => void): T {
    const now = this.now()
    const random: number[] = []
    this.#fixed = now
    this.#drawn = random
    try {
      return run()
    } finally {
      this.#fixed = undefined
      this.#drawn = undefined
      done({ now, random })
    }
  }

  /** Handles an event again. Throws JournalError if it takes other chances than the first time. */
  repeat<T>(circumstances: Circumstances, run: () => T): T {
    this.#fixed = circumstances.now
    this.#given = circumstances.random
    this.#taken = 0
    try {
      const result = run()
      if (this.#taken !== circumstances.random.length)
        throw new JournalError('an event needs fewer random numbers than it did')
      return result
    } finally {
      this.#fixed = undefined
      this.#given = undefined
    }
  }

  /** Goes on from a time that was: now is not before it. */
  resumeAt(now: bigint): void {
    const ahead = now - this.now()
    if (ahead > 0n) this.#before += ahead
  }
}
