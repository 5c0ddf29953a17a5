import { type ByteViews, byteViews } from '../../packet/copy.ts'
import { CaptureFormatError } from './format-error.ts'

const NOTHING = byteViews(new Uint8Array(0))

/** The part of a stream of bytes that has arrived and is not used up yet. Chunks are taken as they are; bytes are copied only
 *  where a record lies across two chunks. */
export class ByteWindow {
  /** The buffer that `at` and `end` count in. */
  views: ByteViews = NOTHING
  view = new DataView(NOTHING.u8.buffer)
  /** Next byte. */
  at = 0
  end = 0
  /** Nothing more will come. */
  finished = false
  /** Position in the stream of byte 0 of the buffer. */
  private base = 0
  /** Bytes to be passed over as they arrive. */
  private skipping = 0
  /** The buffer is ours, with room for more behind `end`. */
  private own = false

  /** Position in the stream of the next byte. */
  get position(): number {
    return this.base + this.at
  }

  /** Position in the stream of a byte of the buffer. */
  positionOf(at: number): number {
    return this.base + at
  }

  /** Whether everything that came has been used and nothing more will come. */
  get exhausted(): boolean {
    return this.finished && this.at === this.end && this.skipping === 0
  }

  /** Adds bytes. They must stay as they are until they have been used up. */
  feed(chunk: Uint8Array): void {
    if (this.finished) throw new Error('bytes after the end of a capture')
    const left = this.end - this.at
    if (left === 0) this.adopt(chunk)
    else if (this.own && this.end + chunk.length <= this.views.u8.length) {
      this.views.u8.set(chunk, this.end)
      this.end += chunk.length
    } else this.join(chunk, left)
    if (this.skipping > 0) this.skip(0)
  }

  finish(): void {
    this.finished = true
  }

  /** Whether `bytes` are there. False: they may still come. An error when they cannot: the capture ends inside `what`. */
  has(bytes: number, what: string): boolean {
    if (this.skipping === 0 && this.end - this.at >= bytes) return true
    if (this.finished) throw new CaptureFormatError(`the capture ends inside ${what}`, this.base + this.end)
    return false
  }

  /** Passes over bytes, also over those still to come. */
  skip(bytes: number): void {
    const all = this.skipping + bytes
    const now = Math.min(all, this.end - this.at)
    this.at += now
    this.skipping = all - now
  }

  private adopt(chunk: Uint8Array): void {
    const position = this.position
    this.use(byteViews(chunk), position - chunk.byteOffset, false)
    this.at = chunk.byteOffset
    this.end = chunk.byteOffset + chunk.length
  }

  private join(chunk: Uint8Array, left: number): void {
    // Twice what is needed, so that a record that comes in many small chunks is moved only a few times.
    const bytes = new Uint8Array(((left + chunk.length) * 2 + 3) & ~3)
    bytes.set(this.views.u8.subarray(this.at, this.end))
    bytes.set(chunk, left)
    this.use(byteViews(bytes), this.position, true)
    this.at = 0
    this.end = left + chunk.length
  }

  private use(views: ByteViews, base: number, own: boolean): void {
    this.views = views
    this.view = new DataView(views.u8.buffer)
    this.base = base
    this.own = own
  }
}
