import type { BpfRing } from '@netkit/netlink'
import type { BpfObjects } from '../bpf/objects/objects.ts'

/** What programs write records to. */
export interface RecordSource {
  hold(): void
  release(): void
  take(): Uint8Array[]
}

/** The reader of a ring buffer or perf buffer of an embedded kernel. It holds what it reads. */
export class EmbeddedReader implements BpfRing {
  readonly #objects: BpfObjects
  readonly #source: RecordSource
  readonly #onClose: (reader: EmbeddedReader) => void
  readonly #waiting: ((records: readonly Uint8Array[]) => void)[] = []
  #isDue = false
  #closed = false

  constructor(objects: BpfObjects, source: RecordSource, onClose: (reader: EmbeddedReader) => void) {
    source.hold()
    this.#objects = objects
    this.#source = source
    this.#onClose = onClose
    objects.runtime.recordReaders.add(this.#written)
  }

  async next(): Promise<readonly Uint8Array[]> {
    if (this.#closed) return []
    const records = this.#source.take()
    return records.length > 0 ? records : await new Promise((resolve) => this.#waiting.push(resolve))
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#objects.runtime.recordReaders.delete(this.#written)
    this.#source.release()
    for (const resolve of this.#waiting.splice(0)) resolve([])
    this.#onClose(this)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Called where a program runs: the records are taken when it and those that run with it are done. */
  readonly #written = (): void => {
    if (this.#isDue || this.#waiting.length === 0) return
    this.#isDue = true
    void Promise.resolve().then(() => this.#deliver())
  }

  #deliver(): void {
    this.#isDue = false
    if (this.#closed || this.#waiting.length === 0) return
    const records = this.#source.take()
    if (records.length > 0) this.#waiting.shift()?.(records)
  }
}
