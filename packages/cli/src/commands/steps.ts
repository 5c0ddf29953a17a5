import { IncompleteError } from 'netkit'

/** Part of a command that does several things. */
export interface Step {
  /** What it does, as it is said if a later part fails: `mtu of nk0`. */
  readonly what: string
  readonly run: () => Promise<unknown>
}

/** Runs the parts of a command. If one fails, the error says which parts before it were done and stay. */
export async function inSteps(steps: readonly Step[]): Promise<void> {
  const done: string[] = []
  for (const { what, run } of steps) {
    try {
      await run()
    } catch (e) {
      if (done.length === 0) throw e
      // biome-ignore lint/style/useErrorCause: its first argument is the cause
      throw new IncompleteError(
        e,
        done.map((d) => ({ what: d, reason: 'was done before' })),
      )
    }
    done.push(what)
  }
}
