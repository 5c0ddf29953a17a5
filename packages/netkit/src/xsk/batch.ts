/** Frames that were received, or that are to be sent. Made once and used again and again: nothing is allocated for a frame. */
export class FrameBatch {
  /** Frames of which the arrays below speak. */
  count = 0
  /** Where the data begin, in bytes from the start of the UMEM. They may be moved inside of their chunk before they are sent. */
  readonly offsets: Uint32Array
  /** Bytes of data. */
  readonly lengths: Uint32Array
  /** XDP_DESC: 1 if another buffer of the same packet follows, 2 if TX metadata lie before the data. */
  readonly options: Uint32Array
  /** Where the chunks begin, in bytes from the start of the UMEM. */
  readonly chunks: Uint32Array

  /** @param capacity frames, at least 1. Default: 64. */
  constructor(capacity = 64) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError(`a batch of ${capacity} frames`)
    this.offsets = new Uint32Array(capacity)
    this.lengths = new Uint32Array(capacity)
    this.options = new Uint32Array(capacity)
    this.chunks = new Uint32Array(capacity)
  }

  get capacity(): number {
    return this.offsets.length
  }
}
