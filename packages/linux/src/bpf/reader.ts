import type { BpfRing } from '@netkit/netlink'
import type { Calls } from '../ffi/calls.ts'
import { Readiness } from '../netlink/readiness.ts'

/** What is read: a descriptor that says when there is something, and pages that are mapped. */
export interface RecordPages {
  readonly fd: number
  take(): Uint8Array[]
  unmap(): void
}

/** The reader of a ring buffer or perf buffer: the event loop waits for the kernel to say that there is more. Owns the descriptor. */
export class LinuxReader implements BpfRing {
  readonly #calls: Calls
  readonly #pages: RecordPages
  readonly #readiness: Readiness
  readonly #onClose: (reader: LinuxReader) => void
  readonly #waiting: ((records: readonly Uint8Array[]) => void)[] = []
  #closed = false

  constructor(c: Calls, pages: RecordPages, onClose: (reader: LinuxReader) => void) {
    this.#calls = c
    this.#pages = pages
    this.#onClose = onClose
    this.#readiness = new Readiness(c, pages.fd, () => this.#deliver())
  }

  async next(): Promise<readonly Uint8Array[]> {
    if (this.#closed) return []
    const records = this.#pages.take()
    if (records.length > 0) return records
    return await new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#readiness.wait()
      // A perf event says only once that it has something: to the event loop as it begins to watch, which forgets it.
      this.#readiness.nextTurn()
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#readiness.close()
    this.#calls.close(this.#pages.fd)
    this.#pages.unmap()
    for (const resolve of this.#waiting.splice(0)) resolve([])
    this.#onClose(this)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #deliver(): void {
    if (this.#closed) return
    const records = this.#waiting.length > 0 ? this.#pages.take() : []
    if (records.length > 0) this.#waiting.shift()?.(records)
    if (this.#waiting.length > 0) this.#readiness.wait()
    else this.#readiness.nobodyWaits()
  }
}
