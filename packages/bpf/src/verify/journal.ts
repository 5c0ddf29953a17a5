import type { LogEntry } from './log.ts'

/** What is kept of longer ways: their ends, at least this much. More would outlive the young generation, and take as long as the rest. */
const MOST_ENTRIES = 10_000

/** What happened on the path that is being followed. */
export class Journal {
  readonly #entries: LogEntry[] = []
  /** Entries that were forgotten before the first one. */
  #forgotten = 0

  /** Where the next entry comes. */
  get position(): number {
    return this.#forgotten + this.#entries.length
  }

  get last(): LogEntry | undefined {
    return this.#entries.at(-1)
  }

  push(entry: LogEntry): void {
    this.#entries.push(entry)
    if (this.#entries.length < 2 * MOST_ENTRIES) return
    this.#entries.splice(0, MOST_ENTRIES)
    this.#forgotten += MOST_ENTRIES
  }

  /** Forgets what came after a position. */
  returnTo(position: number): void {
    this.#entries.length = Math.max(0, position - this.#forgotten)
  }

  /** The end of it. */
  get end(): readonly LogEntry[] {
    return this.#entries.slice(-MOST_ENTRIES)
  }
}
