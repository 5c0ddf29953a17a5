import type { BpfRing } from '@netkit/netlink'

/** What programs print with bpf_printk, as lines of `trace_pipe`: `for await (const line of lines)`. Close it to end that. */
export class TraceLines implements AsyncDisposable {
  readonly #pipe: BpfRing

  /** @internal */
  constructor(pipe: BpfRing) {
    this.#pipe = pipe
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    const decoder = new TextDecoder()
    for (let lines = await this.#pipe.next(); lines.length > 0; lines = await this.#pipe.next()) {
      for (const line of lines) yield decoder.decode(line)
    }
  }

  close(): Promise<void> {
    return this.#pipe.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
