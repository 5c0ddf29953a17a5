/** An echo that was sent. */
export interface PendingEcho {
  readonly sequence: number
  /** ms, as `performance.now()` counts. */
  readonly sentAt: number
  /** A reply or an error came. It is kept for a while, to know repetitions. */
  answered: boolean
}

/** Without an answer so far, ms. Source: ping(8), option -W. */
const UNTIL_FIRST = 10_000
const LEAST = 1000

/** Echoes that may still be answered. */
export class PendingEchoes {
  readonly #timeout: number | undefined
  readonly #interval: number
  /** By the low 16 bits of their numbers, in the order in which they were sent. */
  readonly #echoes = new Map<number, PendingEcho>()
  #unanswered = 0
  #longest: number | undefined

  /** `timeout`, `interval`: ms. Without a timeout twice the longest way is waited for. */
  constructor(timeout: number | undefined, interval: number) {
    this.#timeout = timeout
    this.#interval = interval
  }

  /** Those that are still waited for. */
  get unanswered(): number {
    return this.#unanswered
  }

  put(sequence: number, sentAt: number): void {
    const key = sequence & 0xffff
    const before = this.#echoes.get(key)
    if (before && !before.answered) this.#unanswered--
    this.#echoes.delete(key)
    this.#echoes.set(key, { sequence, sentAt, answered: false })
    this.#unanswered++
  }

  get(sequence: number | undefined): PendingEcho | undefined {
    return sequence === undefined ? undefined : this.#echoes.get(sequence)
  }

  /** Something came about it. `rtt`: ms, of a reply. False if there was something already. */
  answer(echo: PendingEcho, rtt?: number): boolean {
    if (rtt !== undefined) this.#longest = Math.max(this.#longest ?? 0, rtt)
    if (echo.answered) return false
    echo.answered = true
    this.#unanswered--
    return true
  }

  /** How long each is waited for, ms. */
  get #patience(): number {
    if (this.#timeout !== undefined) return this.#timeout
    return this.#longest === undefined ? UNTIL_FIRST : Math.max(2 * this.#longest, this.#interval, LEAST)
  }

  /** When the next one is given up; infinite if none is waited for. */
  get deadline(): number {
    if (this.#unanswered === 0) return Number.POSITIVE_INFINITY
    for (const echo of this.#echoes.values()) if (!echo.answered) return echo.sentAt + this.#patience
    return Number.POSITIVE_INFINITY
  }

  /** Forgets those that were waited for long enough; gives the numbers of those that nobody answered. */
  expire(now: number): number[] {
    const lost: number[] = []
    for (const [key, echo] of this.#echoes) {
      if (echo.sentAt + this.#patience > now) break
      this.#echoes.delete(key)
      if (echo.answered) continue
      this.#unanswered--
      lost.push(echo.sequence)
    }
    return lost
  }
}
