/** Chunks between one writer, who never waits, and one reader, who may. */
export class ChunkQueue implements AsyncIterable<Uint8Array<ArrayBuffer>> {
  /** Bytes that wait for the reader. */
  bytes = 0
  private readonly chunks: Uint8Array<ArrayBuffer>[] = []
  private closed = false
  private wake: (() => void) | undefined
  private readonly refill: () => void

  /** @param refill called when the reader finds nothing, to put in what was held back so far. */
  constructor(refill: () => void) {
    this.refill = refill
  }

  /** Whether the reader waits: then nothing should be held back. */
  get waiting(): boolean {
    return this.wake !== undefined
  }

  put(chunk: Uint8Array<ArrayBuffer>): void {
    this.chunks.push(chunk)
    this.bytes += chunk.length
    this.wakeReader()
  }

  /** No more chunks will come. */
  close(): void {
    this.closed = true
    this.wakeReader()
  }

  /** The next chunk; undefined when there is none now. */
  take(): Uint8Array<ArrayBuffer> | undefined {
    if (this.chunks.length === 0) this.refill()
    const chunk = this.chunks.shift()
    if (chunk) this.bytes -= chunk.length
    return chunk
  }

  /** All chunks, until the queue is closed and empty. For one reader. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    while (true) {
      const chunk = this.take()
      if (chunk) yield chunk
      else if (this.closed) return
      else await this.arrival()
    }
  }

  private arrival(): Promise<void> {
    if (this.wake) throw new Error('a capture has one reader')
    return new Promise((resolve) => {
      this.wake = resolve
    })
  }

  private wakeReader(): void {
    const wake = this.wake
    this.wake = undefined
    wake?.()
  }
}
