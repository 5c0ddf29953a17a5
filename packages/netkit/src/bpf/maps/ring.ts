import type { BpfRing } from '@netkit/netlink'

/** The records of a ring buffer, in order: `for await (const record of records)`. Close it to end that. */
export class RingRecords implements AsyncDisposable {
  readonly #ring: BpfRing

  /** @internal */
  constructor(ring: BpfRing) {
    this.#ring = ring
  }

  /** Each record once, whoever asks. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (let records = await this.#ring.next(); records.length > 0; records = await this.#ring.next()) yield* records
  }

  close(): Promise<void> {
    return this.#ring.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
