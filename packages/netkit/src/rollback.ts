/** What a failed compound operation could not take back. */
export interface Remainder {
  /** `device nk0 in pod`, `mtu 9000 of nk0`. */
  readonly what: string
  /** Why it could not be taken back. */
  readonly reason: unknown
}

/**
 * A compound operation failed, and so did taking back what it had done by then. `cause` is the failure itself; `remains`
 * says what is left behind. If everything could be taken back, the failure is thrown as it is instead.
 */
export class IncompleteError extends Error {
  override readonly name = 'IncompleteError'
  readonly remains: readonly Remainder[]

  constructor(cause: unknown, remains: readonly Remainder[]) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super(`${why}; left behind: ${remains.map((r) => r.what).join(', ')}`, { cause })
    this.remains = remains
  }
}

interface Done {
  readonly what: string
  readonly undo: () => Promise<unknown>
}

/** The steps of a compound operation, each with the way back. */
export class Rollback {
  readonly #done: Done[] = []

  /** Notes a step that was done. */
  done(what: string, undo: () => Promise<unknown>): void {
    this.#done.push({ what, undo })
  }

  /** Notes a step for which there is no way back, and why. */
  stays(what: string, reason: string): void {
    this.#done.push({ what, undo: () => Promise.reject(new Error(reason)) })
  }

  /** Goes back, last step first, then throws the failure, or what is left behind together with it. */
  async fail(cause: unknown): Promise<never> {
    const remains: Remainder[] = []
    for (const { what, undo } of this.#done.reverse()) {
      try {
        await undo()
      } catch (reason) {
        remains.push({ what, reason })
      }
    }
    throw remains.length > 0 ? new IncompleteError(cause, remains) : cause
  }
}
