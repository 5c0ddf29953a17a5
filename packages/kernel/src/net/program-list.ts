/** A program as lists of programs know it. */
export interface ListedProgram {
  readonly id: number
  /** BPF_PROG_TYPE_*. */
  readonly type: number
}

/** A BPF link as lists know it: who put a program there and takes it away with itself. */
export interface ListedLink {
  readonly id: number
  readonly program: ListedProgram
  /** The device has gone on which it was. */
  lost(): void
}

export interface ListEntry<P extends ListedProgram> {
  readonly program: P
  readonly link: ListedLink | undefined
}

/** Programs that a list takes: one slot of its 64 is needed to mark the end. Source: spec 02 §2.3. */
export const MAX_PROGRAMS = 63

/**
 * The programs of a device for one direction, in the order in which they run. Changes replace `entries`: who runs them
 * keeps the list that it began with. Source: spec 02 §2.3.
 */
export class ProgramList<P extends ListedProgram> {
  entries: readonly ListEntry<P>[] = []
  /** Grows by one with each change. */
  revision = 1n

  change(entries: readonly ListEntry<P>[]): void {
    this.entries = entries
    this.revision++
  }

  indexOfProgram(program: ListedProgram): number {
    return this.entries.findIndex((e) => e.program === program)
  }
}
