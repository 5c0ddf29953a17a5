import { COPY } from '../../packet/copy-reason.ts'
import { isShared, makeLinear, put, readBytes, tailroomOf } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import type { Packets } from '../../packet/packets.ts'
import { dropFront, memoryOf } from './payload.ts'

// Engines fold constants of the own module, not imported ones.
const { PKT_DATA, PKT_FRAGMENTS, PKT_LENGTH, PKT_LINEAR, PKT_SHIFT } = layout

const FIRST_RING = 16

/** Sees bytes that wait, in the order in which they were sent, where they are. Each call says whether to go on. */
export interface SpanVisitor {
  /** Bytes in the linear part of a packet. `offset`: in packet memory. */
  linear(handle: number, offset: number, length: number): boolean
  /** Bytes in a fragment of a packet: memory of `owner`, which knows it by `cookie`. See FragmentTable. */
  fragment(handle: number, owner: number, cookie: number, offset: number, length: number): boolean
}

/** Bytes that were received in order and wait for the application: packets by reference, cut to their payload. */
export class ReceiveQueue {
  readonly #packets: Packets
  #ring = new Int32Array(FIRST_RING)
  #head = 0
  #count = 0
  /** Bytes that wait. */
  bytes = 0
  /** Memory that they take. */
  memory = 0

  constructor(packets: Packets) {
    this.#packets = packets
  }

  /** Packets that wait. */
  get count(): number {
    return this.#count
  }

  /** Takes over a packet that is payload and nothing else. `merge`: copy it behind the last one if there is room, to save memory. */
  push(handle: number, merge = false): void {
    if (merge && this.#mergeInto(handle)) return
    if (this.#count === this.#ring.length) this.#grow()
    this.#ring[(this.#head + this.#count) & (this.#ring.length - 1)] = handle
    this.#count++
    this.bytes += this.#packets.table.fields[(handle << PKT_SHIFT) + PKT_LENGTH]
    this.memory += memoryOf(this.#packets, handle)
  }

  #mergeInto(handle: number): boolean {
    if (this.#count === 0) return false
    const packets = this.#packets
    const last = this.at(this.#count - 1)
    const { fields } = packets.table
    const length = fields[(handle << PKT_SHIFT) + PKT_LENGTH]
    const isPlain = fields[(last << PKT_SHIFT) + PKT_FRAGMENTS] === 0 && !isShared(packets, last)
    if (!isPlain || tailroomOf(packets, last) < length || !makeLinear(packets, handle, length)) return false
    const to = fields[(last << PKT_SHIFT) + PKT_DATA] + fields[(last << PKT_SHIFT) + PKT_LINEAR]
    packets.memory.move(to, packets.table.fields[(handle << PKT_SHIFT) + PKT_DATA], length, COPY.linearize)
    put(packets, last, length)
    packets.free(handle)
    this.bytes += length
    return true
  }

  #grow(): void {
    const ring = new Int32Array(this.#ring.length * 2)
    for (let n = 0; n < this.#count; n++) ring[n] = this.at(n)
    this.#ring = ring
    this.#head = 0
  }

  /** The packet that waits as number `n`, 0 the longest. It stays the queue's. */
  at(n: number): number {
    return this.#ring[(this.#head + n) & (this.#ring.length - 1)]
  }

  /** Shows the bytes to a visitor until it has seen enough. Whoever wants to keep some takes a reference, and then consumes them. */
  walk(visitor: SpanVisitor): void {
    for (let n = 0; n < this.#count; n++) if (!this.#walkPacket(this.at(n), visitor)) return
  }

  #walkPacket(handle: number, visitor: SpanVisitor): boolean {
    const { fields } = this.#packets.table
    const { fragments } = this.#packets
    const i = handle << PKT_SHIFT
    const linear = fields[i + PKT_LINEAR]
    if (linear > 0 && !visitor.linear(handle, fields[i + PKT_DATA], linear)) return false
    for (let f = fields[i + PKT_FRAGMENTS]; f !== 0; f = fragments.next(f)) {
      const go = visitor.fragment(
        handle,
        fragments.owner(f),
        fragments.cookie(f),
        fragments.offset(f),
        fragments.length(f),
      )
      if (!go) return false
    }
    return true
  }

  /** Forgets the first `bytes`, no more than wait: packets that are done with are freed. */
  consume(bytes: number): void {
    const packets = this.#packets
    let left = bytes
    this.bytes -= bytes
    while (left > 0) {
      const handle = this.at(0)
      const length = packets.table.fields[(handle << PKT_SHIFT) + PKT_LENGTH]
      this.memory -= memoryOf(packets, handle)
      if (left < length) {
        dropFront(packets, handle, left)
        this.memory += memoryOf(packets, handle)
        return
      }
      left -= length
      this.#shift()
      packets.free(handle)
    }
  }

  #shift(): void {
    this.#head = (this.#head + 1) & (this.#ring.length - 1)
    this.#count--
  }

  /** Copies the first bytes out and consumes them; undefined if they are memory that cannot be read. */
  read(most: number): Uint8Array | undefined {
    const length = Math.min(most, this.bytes)
    // Room for the words that copies go by.
    const u8 = new Uint8Array((length + 3) & ~3)
    const to = { u8, i32: new Int32Array(u8.buffer) }
    let done = 0
    for (let n = 0; done < length; n++) {
      const handle = this.at(n)
      const here = Math.min(length - done, this.#packets.table.fields[(handle << PKT_SHIFT) + PKT_LENGTH])
      if (!readBytes(this.#packets, handle, 0, here, to, done, COPY.userOut)) {
        if (done === 0) return undefined
        break
      }
      done += here
    }
    this.consume(done)
    return u8.subarray(0, done)
  }

  clear(): void {
    for (; this.#count > 0; this.#shift()) this.#packets.free(this.at(0))
    this.bytes = 0
    this.memory = 0
  }
}
