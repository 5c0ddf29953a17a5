import { Rollback } from 'netkit'

/** Part of a command that does several things. */
export interface Step {
  /** What it does, as it is said if it cannot be taken back: `policy of nk0`. */
  readonly what: string
  readonly run: () => Promise<unknown>
  /** The way back. Absent of the last step, which does all of what it does or nothing. */
  readonly undo?: () => Promise<unknown>
  /** What the way back does not bring back. */
  readonly lost?: string
}

/** Runs the parts of a command. If one fails, those before it are taken back, last first; the error says what is left. */
export async function inSteps(steps: readonly Step[]): Promise<void> {
  const back = new Rollback()
  try {
    for (const { what, run, undo, lost } of steps) {
      await run()
      if (lost !== undefined) back.stays(lost, 'there is no way to bring it back')
      if (undo) back.done(what, undo)
    }
  } catch (e) {
    await back.fail(e)
  }
}
