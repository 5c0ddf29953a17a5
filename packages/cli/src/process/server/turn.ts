/** Something that has to be done before the answers of a turn leave. */
export interface Turned {
  /** Moves what waits in the kernel into the outgoing frames. May change the kernel. */
  pump(): void
  /** Lets the outgoing frames leave. */
  flush(): void
}

/**
 * One turn of the event loop: requests of all clients are handled as they come, their answers are held back, and at the
 * end what changed is written to the journal once, and then the answers leave. So no client has an answer that a crash
 * could make untrue, and a busy turn costs one write.
 */
export class Turn {
  readonly #waiting = new Set<Turned>()
  readonly #commit: () => void
  #scheduled = false

  /** `commit` writes the journal. If it throws, nothing leaves, and nothing ever will: the process has to end. */
  constructor(commit: () => void) {
    this.#commit = commit
  }

  /** Has `one` pumped and flushed at the end of this turn. */
  add(one: Turned): void {
    this.#waiting.add(one)
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => this.end())
  }

  end(): void {
    this.#scheduled = false
    const done: Turned[] = []
    // Pumping can make others readable: a dump that goes on may number namespaces and tell listeners.
    for (const one of this.#waiting) {
      this.#waiting.delete(one)
      one.pump()
      done.push(one)
    }
    this.#commit()
    for (const one of done) one.flush()
  }
}
