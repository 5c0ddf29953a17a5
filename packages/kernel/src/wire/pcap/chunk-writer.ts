import { type ByteViews, byteViews } from '../../packet/copy.ts'

/** Takes finished bytes. The array is the taker's to keep. */
export type EmitBytes = (chunk: Uint8Array<ArrayBuffer>) => void

export const DEFAULT_CHUNK = 65536

/** Collects records in chunks, so that whoever takes them is called once for hundreds of packets. Chunks begin and end at a
 *  record. */
export class ChunkWriter {
  /** Where to write, from `at` on. Bytes that were not written are zero. */
  views: ByteViews
  view: DataView
  at = 0
  /** Bytes of all records so far. */
  written = 0
  private readonly emit: EmitBytes
  private readonly size: number
  /** Where the bytes begin that were not emitted yet. */
  private from = 0
  private buffer: ArrayBuffer

  constructor(emit: EmitBytes, size = DEFAULT_CHUNK) {
    this.emit = emit
    this.size = size
    this.buffer = new ArrayBuffer(0)
    this.views = byteViews(new Uint8Array(this.buffer))
    this.view = new DataView(this.buffer)
  }

  /** Makes room for a record of `bytes`, at `at`. */
  room(bytes: number): void {
    if (this.at + bytes <= this.buffer.byteLength) return
    this.flush()
    this.buffer = new ArrayBuffer(Math.max(this.size, (bytes + 3) & ~3))
    this.views = byteViews(new Uint8Array(this.buffer))
    this.view = new DataView(this.buffer)
    this.at = 0
    this.from = 0
  }

  /** The record of `bytes` is complete. */
  advance(bytes: number): void {
    this.at += bytes
    this.written += bytes
  }

  /** Emits what there is. */
  flush(): void {
    if (this.at === this.from) return
    const chunk = new Uint8Array(this.buffer, this.from, this.at - this.from)
    this.from = this.at
    this.emit(chunk)
  }
}
