/** A line that a program printed. */
export interface TraceLine {
  /** When, in ns of the kernel's clock. */
  readonly at: bigint
  readonly text: string
}

const KEPT = 4096

/** What programs print with bpf_trace_printk: the kernel's trace pipe. Readers take lines out of it; old ones are lost if nobody does. */
export class TraceLog {
  #lines: TraceLine[] = []
  readonly #readers = new Set<(line: TraceLine) => void>()

  write(at: bigint, text: string): void {
    const line = { at, text: text.replace(/\n$/, '') }
    for (const reader of this.#readers) reader(line)
    if (this.#readers.size > 0) return
    this.#lines.push(line)
    if (this.#lines.length > KEPT) this.#lines = this.#lines.slice(-KEPT)
  }

  /** Hands over what was printed so far, then each line as it comes. Returns how to stop. */
  read(reader: (line: TraceLine) => void): () => void {
    for (const line of this.#lines) reader(line)
    this.#lines = []
    this.#readers.add(reader)
    return () => void this.#readers.delete(reader)
  }
}

/** A line as `trace_pipe` has it: task, CPU, flags, seconds since boot. */
export function printTraceLine({ at, text }: TraceLine): string {
  const micros = at / 1000n
  const seconds = `${micros / 1_000_000n}`.padStart(5)
  const rest = `${micros % 1_000_000n}`.padStart(6, '0')
  return `          <idle>-0       [000] b.s31 ${seconds}.${rest}: bpf_trace_printk: ${text}`
}
