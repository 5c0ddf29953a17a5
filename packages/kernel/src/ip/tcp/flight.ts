import { after, before, distance } from './sequence.ts'

/** What is known of a piece that was sent. */
export const SACKED = 1
/** It is taken for lost. */
export const LOST = 2
/** It was taken for lost, and is under way again. */
export const UNDER_WAY_AGAIN = 4
/** It was sent more than once: what comes back does not say which one arrived. */
export const REPEATED = 8

const FIRST_ROOM = 16

/**
 * What was sent and is not acknowledged, in pieces as they were sent, by sequence number: when each was sent last and what became of it.
 * The scoreboard of RFC 6675 and the records of RFC 8985.
 */
export class Flight {
  #starts = new Int32Array(FIRST_ROOM)
  #ends = new Int32Array(FIRST_ROOM)
  /** Microseconds. */
  #times = new Float64Array(FIRST_ROOM)
  #states = new Uint8Array(FIRST_ROOM)
  #head = 0
  count = 0
  /** Bytes of all pieces, and of those in a state. */
  bytes = 0
  sacked = 0
  lost = 0
  again = 0

  /** Bytes that are under way, as far as is known. Source: RFC 6675 "pipe". */
  get pipe(): number {
    return this.bytes - this.sacked - this.lost + this.again
  }

  start(n: number): number {
    return this.#starts[this.#head + n]
  }

  end(n: number): number {
    return this.#ends[this.#head + n]
  }

  time(n: number): number {
    return this.#times[this.#head + n]
  }

  state(n: number): number {
    return this.#states[this.#head + n]
  }

  length(n: number): number {
    return (this.end(n) - this.start(n)) | 0
  }

  /** Notes that [start, end) was sent for the first time. */
  push(start: number, end: number, time: number): void {
    if (this.#head + this.count === this.#starts.length) this.#makeRoom()
    const at = this.#head + this.count++
    this.#starts[at] = start
    this.#ends[at] = end
    this.#times[at] = time
    this.#states[at] = 0
    this.bytes += (end - start) | 0
  }

  #makeRoom(): void {
    const { length } = this.#starts
    if (this.#head > length >> 1) {
      this.#shift(this.#head, 0, this.count)
      this.#head = 0
      return
    }
    const [starts, ends, times, states] = [this.#starts, this.#ends, this.#times, this.#states]
    this.#starts = new Int32Array(2 * length)
    this.#ends = new Int32Array(2 * length)
    this.#times = new Float64Array(2 * length)
    this.#states = new Uint8Array(2 * length)
    this.#starts.set(starts)
    this.#ends.set(ends)
    this.#times.set(times)
    this.#states.set(states)
  }

  #shift(from: number, to: number, count: number): void {
    this.#starts.copyWithin(to, from, from + count)
    this.#ends.copyWithin(to, from, from + count)
    this.#times.copyWithin(to, from, from + count)
    this.#states.copyWithin(to, from, from + count)
  }

  /** Takes states off a piece and gives it others, and counts bytes along. */
  mark(n: number, off: number, on: number): void {
    const at = this.#head + n
    const was = this.#states[at]
    const is = (was & ~off) | on
    this.#count(was, -this.length(n))
    this.#states[at] = is
    this.#count(is, this.length(n))
  }

  #count(state: number, bytes: number): void {
    if ((state & SACKED) !== 0) this.sacked += bytes
    if ((state & LOST) !== 0) this.lost += bytes
    if ((state & UNDER_WAY_AGAIN) !== 0) this.again += bytes
  }

  /** A lost piece is sent again. */
  repeat(n: number, time: number): void {
    this.#times[this.#head + n] = time
    this.mark(n, 0, REPEATED | ((this.state(n) & LOST) !== 0 ? UNDER_WAY_AGAIN : 0))
  }

  /** Makes two of a piece, the second of which begins at `seq`. */
  split(n: number, seq: number): void {
    if (this.#head + this.count === this.#starts.length) this.#makeRoom()
    const at = this.#head + n
    this.#shift(at, at + 1, this.count - n)
    this.count++
    this.#ends[at] = seq
    this.#starts[at + 1] = seq
  }

  /** The first piece that ends after a sequence number. */
  firstEndingAfter(seq: number): number {
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >> 1
      if (after(this.end(middle), seq)) high = middle
      else low = middle + 1
    }
    return low
  }

  /** Forgets the first piece, all of which has arrived. */
  shift(): void {
    this.#count(this.state(0), -this.length(0))
    this.bytes -= this.length(0)
    this.#head++
    this.count--
    if (this.count === 0) this.#head = 0
  }

  /** The beginning of the first piece, before `seq`, has arrived. */
  cut(seq: number): void {
    const gone = distance(seq, this.start(0))
    this.#count(this.state(0), -gone)
    this.bytes -= gone
    this.#starts[this.#head] = seq
  }

  /** Everything that did not arrive is taken for lost. `sackedToo`: the other side may have thrown that away. */
  loseAll(sackedToo: boolean): void {
    for (let n = 0; n < this.count; n++) {
      if (sackedToo) this.mark(n, SACKED | UNDER_WAY_AGAIN, LOST)
      else if ((this.state(n) & SACKED) === 0) this.mark(n, UNDER_WAY_AGAIN, LOST)
    }
  }

  /** The first piece that is lost and not under way again; -1: none. */
  firstLost(): number {
    if (this.lost === this.again) return -1
    for (let n = 0; n < this.count; n++) if ((this.state(n) & (LOST | UNDER_WAY_AGAIN)) === LOST) return n
    return -1
  }

  /** Behind the last piece that was acknowledged selectively; `otherwise` if none was. */
  highestSacked(otherwise: number): number {
    if (this.sacked === 0) return otherwise
    for (let n = this.count - 1; n >= 0; n--) if ((this.state(n) & SACKED) !== 0) return this.end(n)
    return otherwise
  }

  /** Whether the range is part of what is under way. */
  has(start: number, end: number): boolean {
    return (
      this.count > 0 && before(start, end) && !before(start, this.start(0)) && !after(end, this.end(this.count - 1))
    )
  }

  clear(): void {
    this.#head = 0
    this.count = 0
    this.bytes = 0
    this.sacked = 0
    this.lost = 0
    this.again = 0
  }
}
