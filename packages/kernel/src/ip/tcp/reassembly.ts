import * as layout from '../../packet/fields.ts'
import type { Packets } from '../../packet/packets.ts'
import { dropFront, memoryOf } from './payload.ts'
import { after, before, distance, latest } from './sequence.ts'

// Engines fold constants of the own module, not imported ones.
const { PKT_LENGTH, PKT_SHIFT } = layout

const FIRST_ROOM = 16
const MOST_SACKS = 4

/** Segments that came too early, by sequence number: packets by reference, cut to their payload. They do not overlap. */
export class Reassembly {
  readonly #packets: Packets
  #starts = new Int32Array(FIRST_ROOM)
  #ends = new Int32Array(FIRST_ROOM)
  #handles = new Int32Array(FIRST_ROOM)
  count = 0
  /** Memory that they take. */
  memory = 0
  /** Ranges that came last, newest first, for SACK. Source: RFC 2018 §4. */
  readonly sacks = new Int32Array(2 * MOST_SACKS)
  sackCount = 0

  constructor(packets: Packets) {
    this.#packets = packets
  }

  /** Behind the last byte; `otherwise` if there is none. */
  endOr(otherwise: number): number {
    return this.count === 0 ? otherwise : this.#ends[this.count - 1]
  }

  /** Takes over the payload that begins at `seq`. What is there already is not kept twice; false if all of it was there. */
  add(seq: number, handle: number): boolean {
    const packets = this.#packets
    let start = seq
    const end = (seq + packets.table.fields[(handle << PKT_SHIFT) + PKT_LENGTH]) | 0
    const at = this.#firstEndingAfter(start)
    if (at < this.count && !after(this.#starts[at], start)) {
      if (!after(end, this.#ends[at])) {
        this.#noteSack(this.#starts[at], this.#ends[at])
        packets.free(handle)
        return false
      }
      dropFront(packets, handle, distance(this.#ends[at], start))
      start = this.#ends[at]
    }
    this.#makeWay(start, end)
    this.#insert(this.#firstEndingAfter(start), start, end, handle)
    this.#noteRange(start, end)
    return true
  }

  /** The first that ends after a sequence number. */
  #firstEndingAfter(seq: number): number {
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >> 1
      if (after(this.#ends[middle], seq)) high = middle
      else low = middle + 1
    }
    return low
  }

  /** Removes what a newcomer has too; of one that it has in part, that part. */
  #makeWay(start: number, end: number): void {
    const at = this.#firstEndingAfter(start)
    let covered = at
    while (covered < this.count && !after(this.#ends[covered], end)) this.#release(covered++)
    this.#removeRange(at, covered)
    if (at === this.count || !before(this.#starts[at], end)) return
    const overlap = distance(end, this.#starts[at])
    const other = this.#handles[at]
    this.memory -= memoryOf(this.#packets, other)
    dropFront(this.#packets, other, overlap)
    this.memory += memoryOf(this.#packets, other)
    this.#starts[at] = end
  }

  #release(at: number): void {
    this.memory -= memoryOf(this.#packets, this.#handles[at])
    this.#packets.free(this.#handles[at])
  }

  #removeRange(from: number, to: number): void {
    if (from === to) return
    for (const array of [this.#starts, this.#ends, this.#handles]) array.copyWithin(from, to, this.count)
    this.count -= to - from
  }

  #insert(at: number, start: number, end: number, handle: number): void {
    if (this.count === this.#starts.length) this.#grow()
    for (const array of [this.#starts, this.#ends, this.#handles]) array.copyWithin(at + 1, at, this.count)
    this.#starts[at] = start
    this.#ends[at] = end
    this.#handles[at] = handle
    this.count++
    this.memory += memoryOf(this.#packets, handle)
  }

  #grow(): void {
    const twice = (array: Int32Array): Int32Array<ArrayBuffer> => {
      const wide = new Int32Array(2 * array.length)
      wide.set(array)
      return wide
    }
    this.#starts = twice(this.#starts)
    this.#ends = twice(this.#ends)
    this.#handles = twice(this.#handles)
  }

  /** The whole range without gaps that has [start, end) is the newest. */
  #noteRange(start: number, end: number): void {
    let first = this.#firstEndingAfter(start)
    let last = first
    while (first > 0 && this.#ends[first - 1] === this.#starts[first]) first--
    while (last + 1 < this.count && this.#starts[last + 1] === this.#ends[last]) last++
    this.#noteSack(this.#starts[first], latest(this.#ends[last], end))
  }

  #noteSack(start: number, end: number): void {
    const { sacks } = this
    let kept = 0
    // What the new range has swallowed goes.
    for (let n = 0; n < this.sackCount; n++) {
      if (!before(sacks[2 * n], start) && !after(sacks[2 * n + 1], end)) continue
      sacks[2 * kept] = sacks[2 * n]
      sacks[2 * kept + 1] = sacks[2 * n + 1]
      kept++
    }
    kept = Math.min(kept, MOST_SACKS - 1)
    sacks.copyWithin(2, 0, 2 * kept)
    sacks[0] = start
    sacks[1] = end
    this.sackCount = kept + 1
  }

  /** What comes next, now that everything before `seq` is there: its handle, cut to what is new; -1: nothing yet. */
  take(seq: number): number {
    while (this.count > 0 && !after(this.#starts[0], seq)) {
      const handle = this.#handles[0]
      const known = distance(seq, this.#starts[0])
      const isNew = after(this.#ends[0], seq)
      this.memory -= memoryOf(this.#packets, handle)
      this.#removeRange(0, 1)
      if (isNew) {
        if (known > 0) dropFront(this.#packets, handle, known)
        return handle
      }
      this.#packets.free(handle)
    }
    return -1
  }

  /** Forgets ranges before `seq`: they are acknowledged by number. */
  forgetSacks(seq: number): void {
    const { sacks } = this
    let kept = 0
    for (let n = 0; n < this.sackCount; n++) {
      if (!after(sacks[2 * n + 1], seq)) continue
      sacks[2 * kept] = sacks[2 * n]
      sacks[2 * kept + 1] = sacks[2 * n + 1]
      kept++
    }
    this.sackCount = kept
  }

  clear(): void {
    for (let n = 0; n < this.count; n++) this.#packets.free(this.#handles[n])
    this.count = 0
    this.memory = 0
    this.sackCount = 0
  }
}
