/** A piece of an address range, in bytes. */
export interface Span {
  offset: number
  length: number
}

/** Which bytes of a growing range are free. First fit, neighbours merged; for control paths, not for packets. */
export class FreeSpans {
  /** Sorted by offset; no two touch each other. */
  private readonly spans: Span[] = []

  /** Bytes that are free, in pieces of any size. */
  get bytes(): number {
    return this.spans.reduce((sum, span) => sum + span.length, 0)
  }

  /** Where the free bytes that reach up to `end` begin; `end` itself when the byte before it is taken. */
  lastBefore(end: number): number {
    const last = this.spans.at(-1)
    return last && last.offset + last.length === end ? last.offset : end
  }

  /** Makes [offset, offset + length) free. Throws where part of it is free already: that is a double release. */
  add(offset: number, length: number): void {
    const spans = this.spans
    let at = spans.findIndex((span) => span.offset >= offset)
    if (at < 0) at = spans.length
    const before = spans[at - 1]
    const after = spans[at]
    if ((before && before.offset + before.length > offset) || (after && offset + length > after.offset)) {
      throw new RangeError(`bytes ${offset} to ${offset + length} are free already`)
    }
    const joinsBefore = before !== undefined && before.offset + before.length === offset
    const joinsAfter = after !== undefined && offset + length === after.offset
    if (joinsBefore && joinsAfter) {
      before.length += length + after.length
      spans.splice(at, 1)
    } else if (joinsBefore) before.length += length
    else if (joinsAfter) {
      after.offset = offset
      after.length += length
    } else spans.splice(at, 0, { offset, length })
  }

  /** Takes `length` bytes at a multiple of `align` (a power of two). Gives their offset, or -1 when no piece is big enough. */
  take(length: number, align: number): number {
    for (let at = 0; at < this.spans.length; at++) {
      const span = this.spans[at]
      const offset = Math.ceil(span.offset / align) * align
      const end = span.offset + span.length
      if (offset + length > end) continue
      this.spans.splice(at, 1)
      if (offset > span.offset) this.add(span.offset, offset - span.offset)
      if (end > offset + length) this.add(offset + length, end - offset - length)
      return offset
    }
    return -1
  }
}
