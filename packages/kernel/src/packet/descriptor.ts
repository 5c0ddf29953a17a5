import * as layout from './fields.ts'
import type { PacketMemory } from './memory.ts'

// Engines fold constants of the own module, not imported ones: half the time of a hop.
const { BUFFER_FREE, BUFFER_NONE, MAC_UNSET, PKT_BUFFER, PKT_BYTES, PKT_DATA, PKT_MAC, PKT_SERIAL, PKT_SHIFT } = layout

const NONE = -1

/** Packet descriptors in one array, in packet memory so that programs read them in place. A handle is the descriptor's number.
 *
 *  The whole table's addresses are reserved with the first packet; pages that were never used cost nothing. */
export class DescriptorTable {
  /** The table. Always current, but replaced when packet memory grows: read it again after anything that may allocate. */
  fields: Int32Array = new Int32Array(0)
  /** Most packets that can exist at once. */
  readonly capacity: number
  allocated = 0
  freed = 0
  /** Requests that failed because the table was full. */
  failed = 0
  /** The same, two words at a time. */
  private pairs: Float64Array = new Float64Array(0)
  private readonly memory: PacketMemory
  private offset = 0
  private freeHead = NONE
  private untouched = 0

  /** @param capacity 1 to 1048576 packets, default 32768. */
  constructor(memory: PacketMemory, capacity = 32768) {
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > 1 << 20) {
      throw new RangeError(`packet capacity is ${capacity}; it must be 1 to ${1 << 20}`)
    }
    this.memory = memory
    this.capacity = capacity
  }

  get inUse(): number {
    return this.allocated - this.freed
  }

  /** Offset of a descriptor in packet memory: what a program gets as its context. */
  address(handle: number): number {
    return this.offset + handle * PKT_BYTES
  }

  /** Whether the handle is of a packet that exists. */
  isLive(handle: number): boolean {
    return handle >= 0 && handle < this.untouched && this.fields[(handle << PKT_SHIFT) + PKT_BUFFER] !== BUFFER_FREE
  }

  /** A packet without buffer, its fields unset. -1 when the table is full or there is no memory for it. */
  alloc(): number {
    let handle = this.freeHead
    const fields = this.fields
    let i = handle << PKT_SHIFT
    if (handle !== NONE) this.freeHead = fields[i + PKT_DATA]
    else {
      if (this.offset === 0 && !this.open()) return NONE
      if (this.untouched === this.capacity) {
        this.failed++
        return NONE
      }
      handle = this.untouched++
      i = handle << PKT_SHIFT
    }
    this.clear(this.fields, i)
    return handle
  }

  /** Two words at a time, each by itself: a loop takes twice as long. */
  private clear(fields: Int32Array, i: number): void {
    const { pairs } = this
    const first = i >> 1
    fields[i + PKT_BUFFER] = BUFFER_NONE
    fields[i + PKT_DATA] = 0
    pairs[first + 1] = 0
    pairs[first + 2] = 0
    pairs[first + 3] = 0
    pairs[first + 4] = 0
    pairs[first + 5] = 0
    pairs[first + 6] = 0
    pairs[first + 7] = 0
    pairs[first + 8] = 0
    pairs[first + 9] = 0
    pairs[first + 10] = 0
    pairs[first + 11] = 0
    pairs[first + 12] = 0
    pairs[first + 13] = 0
    pairs[first + 14] = 0
    pairs[first + 15] = 0
    fields[i + PKT_MAC] = MAC_UNSET
    fields[i + PKT_SERIAL] = ++this.allocated
  }

  /** Gives the descriptor back. What it refers to has been released before. */
  free(handle: number): void {
    const fields = this.fields
    const i = handle << PKT_SHIFT
    if (handle >>> 0 >= this.untouched || fields[i + PKT_BUFFER] === BUFFER_FREE) doubleFree(handle)
    fields[i + PKT_BUFFER] = BUFFER_FREE
    fields[i + PKT_DATA] = this.freeHead
    this.freeHead = handle
    this.freed++
  }

  private open(): boolean {
    const region = this.memory.reserve('packet descriptors', this.capacity * PKT_BYTES)
    if (!region) {
      this.failed++
      return false
    }
    this.offset = region.offset
    const refresh = (buffer: ArrayBufferLike): void => {
      this.fields = new Int32Array(buffer, region.offset, this.capacity << PKT_SHIFT)
      this.pairs = new Float64Array(buffer, region.offset, this.capacity << (PKT_SHIFT - 1))
    }
    refresh(this.memory.u8.buffer)
    this.memory.onGrowth(refresh)
    return true
  }
}

const doubleFree = (handle: number): never => {
  throw new Error(`packet ${handle} is free already`)
}
