import { COPY } from '../../packet/copy-reason.ts'
import * as layout from '../../packet/fields.ts'
import type { Packets } from '../../packet/packets.ts'
import { pageOwner } from '../../packet/pages.ts'

// Engines fold constants of the own module, not imported ones.
const { PKT_FRAGMENTS, PKT_LENGTH, PKT_SHIFT } = layout

const FIRST_ROOM = 8
/** Bytes of a block; the more there is to be sent, the larger it is. Sizes of frame buffers. */
const SMALL = 2048
const MEDIUM = 16_384
const LARGE = 131_072

/**
 * Bytes that were given to be sent and are not acknowledged: written once, into frame buffers, which the packets that carry them
 * refer to.
 */
export class SendBuffer {
  readonly #packets: Packets
  readonly #owner: number
  /** Blocks, oldest first: frame buffer, offset of the first byte that is still needed, bytes from there on. */
  #buffers = new Int32Array(FIRST_ROOM)
  #offsets = new Int32Array(FIRST_ROOM)
  #lengths = new Int32Array(FIRST_ROOM)
  #head = 0
  #count = 0
  /** Where the last look ended: a block, and how many bytes are before it. */
  #cursor = 0
  #before = 0
  bytes = 0

  constructor(packets: Packets) {
    this.#packets = packets
    this.#owner = pageOwner(packets)
  }

  /** Takes a copy of `data[from ..]`, `length` bytes; gives how many there was memory for. */
  append(data: Uint8Array, from: number, length: number): number {
    let done = 0
    while (done < length) {
      const room = this.#roomAtEnd()
      if (room === 0) {
        if (!this.#addBlock(Math.max(length - done, this.bytes))) break
        continue
      }
      const last = this.#head + this.#count - 1
      const part = Math.min(room, length - done)
      const to = this.#offsets[last] + this.#lengths[last]
      const bytes = data.subarray(from + done, from + done + part)
      this.#packets.memory.copyArrayIn(to, bytes, COPY.userIn)
      this.#lengths[last] += part
      this.bytes += part
      done += part
    }
    return done
  }

  #roomAtEnd(): number {
    if (this.#count === 0) return 0
    const last = this.#head + this.#count - 1
    const { buffers } = this.#packets
    const buffer = this.#buffers[last]
    return buffers.offset(buffer) + buffers.size(buffer) - this.#offsets[last] - this.#lengths[last]
  }

  #addBlock(wanted: number): boolean {
    const buffer = this.#packets.buffers.alloc(wanted <= SMALL ? SMALL : wanted <= MEDIUM ? MEDIUM : LARGE)
    if (buffer < 0) return false
    if (this.#head + this.#count === this.#buffers.length) this.#makeRoom()
    const at = this.#head + this.#count++
    this.#buffers[at] = buffer
    this.#offsets[at] = this.#packets.buffers.offset(buffer)
    this.#lengths[at] = 0
    return true
  }

  /** Moves the blocks to the front, of arrays twice as long if they are half full. */
  #makeRoom(): void {
    const { length } = this.#buffers
    const end = this.#head + this.#count
    if (this.#count > length >> 1) {
      this.#buffers = longer(this.#buffers)
      this.#offsets = longer(this.#offsets)
      this.#lengths = longer(this.#lengths)
    }
    this.#buffers.copyWithin(0, this.#head, end)
    this.#offsets.copyWithin(0, this.#head, end)
    this.#lengths.copyWithin(0, this.#head, end)
    this.#head = 0
  }

  /** Puts the bytes from `offset` on behind a packet without fragments, by reference. False without fragments left. */
  attach(handle: number, offset: number, length: number): boolean {
    const { fragments, buffers } = this.#packets
    let at = this.#find(offset)
    let skip = offset - this.#before
    let last = 0
    for (let left = length; left > 0; at++) {
      const block = this.#head + at
      const part = Math.min(left, this.#lengths[block] - skip)
      const fragment = fragments.alloc(this.#offsets[block] + skip, part, this.#owner, this.#buffers[block])
      if (fragment === 0) return false
      buffers.retain(this.#buffers[block])
      const { fields } = this.#packets.table
      const i = handle << PKT_SHIFT
      if (last === 0) fields[i + PKT_FRAGMENTS] = fragment
      else fragments.link(last, fragment)
      fields[i + PKT_LENGTH] += part
      last = fragment
      left -= part
      skip = 0
    }
    return true
  }

  /** The block in which the byte at `offset` is. */
  #find(offset: number): number {
    if (offset < this.#before) {
      this.#cursor = 0
      this.#before = 0
    }
    while (offset >= this.#before + this.#lengths[this.#head + this.#cursor] && this.#cursor < this.#count - 1) {
      this.#before += this.#lengths[this.#head + this.#cursor++]
    }
    return this.#cursor
  }

  /** The first `bytes` have arrived. Packets that carry them keep what they need. */
  release(bytes: number): void {
    this.bytes -= bytes
    let left = bytes
    while (left > 0) {
      const at = this.#head
      const length = this.#lengths[at]
      if (left < length) {
        this.#offsets[at] += left
        this.#lengths[at] -= left
        break
      }
      left -= length
      this.#packets.buffers.release(this.#buffers[at])
      this.#head++
      this.#count--
    }
    if (this.#count === 0) this.#head = 0
    this.#cursor = 0
    this.#before = 0
  }

  clear(): void {
    for (let n = 0; n < this.#count; n++) this.#packets.buffers.release(this.#buffers[this.#head + n])
    this.#count = 0
    this.#head = 0
    this.#cursor = 0
    this.#before = 0
    this.bytes = 0
  }
}

function longer(array: Int32Array): Int32Array<ArrayBuffer> {
  const long = new Int32Array(2 * array.length)
  long.set(array)
  return long
}
