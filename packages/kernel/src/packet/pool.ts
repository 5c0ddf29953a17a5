import { BufferHomes } from './buffer-homes.ts'
import type { PacketMemory, Region } from './memory.ts'

export interface BufferClass {
  /** Bytes of a buffer, a power of two of 2048 or more. */
  readonly size: number
  /** Buffers reserved at a time, when none is free. */
  readonly slab: number
}

/** 2 KiB holds an Ethernet frame with room around it, 16 KiB a jumbo frame, 128 KiB what IP can say with the largest headroom
 *  there is (65535), 1 MiB the largest segmentation-offload packet (524280) with it. */
export const BUFFER_CLASSES: readonly BufferClass[] = [
  { size: 2048, slab: 128 },
  { size: 16384, slab: 8 },
  { size: 131072, slab: 2 },
  { size: 1048576, slab: 1 },
]

/** Words of a buffer's record. */
const OFFSET = 0
const SIZE_CLASS = 1
const REFS = 2
/** The next free one, of a free buffer; the page pool that lends it, of one in use, 0 for none. */
const NEXT = 3
const HOME = NEXT
const SHIFT = 2
const NONE = -1

/** Frame buffers in packet memory: fixed sizes, counted references, last freed first used (it is still in the cache).
 *  Slabs are reserved as needed and kept. */
export class BufferPool {
  /** Buffers handed out so far and given back so far. */
  allocated = 0
  freed = 0
  /** Requests that failed for lack of memory. */
  failed = 0
  private readonly memory: PacketMemory
  private readonly classes: readonly BufferClass[]
  private readonly sizes: Int32Array
  private readonly heads: Int32Array
  /** One record of 4 words per buffer. */
  private records = new Int32Array(0)
  private count = 0
  private readonly slabs: Region[] = []
  private readonly homes: BufferHomes

  constructor(
    memory: PacketMemory,
    homes: BufferHomes = new BufferHomes(),
    classes: readonly BufferClass[] = BUFFER_CLASSES,
  ) {
    this.memory = memory
    this.homes = homes
    this.classes = [...classes].sort((a, b) => a.size - b.size)
    this.sizes = Int32Array.from(this.classes, (row) => row.size)
    this.heads = new Int32Array(this.classes.length).fill(NONE)
  }

  get inUse(): number {
    return this.allocated - this.freed
  }

  /** Bytes of packet memory that this pool has reserved. */
  get reserved(): number {
    return this.slabs.reduce((sum, slab) => sum + slab.length, 0)
  }

  /** Bytes of the largest buffer: no linear part, with its headroom, can be longer. */
  get largest(): number {
    return this.sizes[this.sizes.length - 1]
  }

  /** A buffer of at least `size` bytes with one reference; its bytes are whatever they were. -1 without memory or beyond
   *  the largest class. */
  alloc(size: number): number {
    const sizes = this.sizes
    let at = 0
    while (at < sizes.length && sizes[at] < size) at++
    if (at === sizes.length) return this.fail()
    if (this.heads[at] === NONE && !this.addSlab(at)) return this.fail()
    const buffer = this.heads[at]
    const records = this.records
    const i = buffer << SHIFT
    this.heads[at] = records[i + NEXT]
    records[i + HOME] = 0
    records[i + REFS] = 1
    this.allocated++
    return buffer
  }

  /** Hands buffers of the smallest class to a page pool, which lends them from now on: up to `count`, less without memory. They
   *  are appended to `to` at `at`. Gives how many. */
  stock(home: number, to: Int32Array, at: number, count: number): number {
    let taken = 0
    while (taken < count && (this.heads[0] !== NONE || this.addSlab(0))) {
      const buffer = this.heads[0]
      const i = buffer << SHIFT
      this.heads[0] = this.records[i + NEXT]
      this.records[i + HOME] = home
      to[at + taken++] = buffer
    }
    return taken
  }

  /** A page pool lends a buffer to a packet. */
  lend(buffer: number): void {
    this.records[(buffer << SHIFT) + REFS] = 1
    this.allocated++
  }

  /** A page pool gives up a buffer that it has not lent. */
  takeBack(buffer: number): void {
    const i = buffer << SHIFT
    const at = this.records[i + SIZE_CLASS]
    this.records[i + NEXT] = this.heads[at]
    this.heads[at] = buffer
  }

  /** One more user of the buffer. */
  retain(buffer: number): void {
    this.records[(buffer << SHIFT) + REFS]++
  }

  /** One user less; the last one frees it. */
  release(buffer: number): void {
    const records = this.records
    const i = buffer << SHIFT
    const refs = records[i + REFS] - 1
    if (refs < 0) doubleFree(buffer)
    records[i + REFS] = refs
    if (refs > 0) return
    this.freed++
    if (records[i + HOME] !== 0) {
      this.homes.at(records[i + HOME])?.recycle(buffer)
      return
    }
    const at = records[i + SIZE_CLASS]
    records[i + NEXT] = this.heads[at]
    this.heads[at] = buffer
  }

  /** Users of the buffer; more than one means that nobody may write to it. */
  references(buffer: number): number {
    return this.records[(buffer << SHIFT) + REFS]
  }

  /** Where it begins in packet memory, a multiple of 2048. */
  offset(buffer: number): number {
    return this.records[(buffer << SHIFT) + OFFSET]
  }

  size(buffer: number): number {
    return this.sizes[this.records[(buffer << SHIFT) + SIZE_CLASS]]
  }

  private fail(): number {
    this.failed++
    return NONE
  }

  private addSlab(at: number): boolean {
    const { size, slab } = this.classes[at]
    // Near the bound a whole slab may not fit where one buffer still does.
    let count = slab
    let region = this.memory.reserve(`frame buffers of ${size}`, size * count, 2048)
    if (!region) {
      count = 1
      region = this.memory.reserve(`frame buffer of ${size}`, size, 2048)
    }
    if (!region) return false
    this.slabs.push(region)
    const needed = (this.count + count) << SHIFT
    if (needed > this.records.length) {
      const records = new Int32Array(Math.max(needed, this.records.length * 2))
      records.set(this.records)
      this.records = records
    }
    // Chained so that the lowest address is used first.
    for (let n = count - 1; n >= 0; n--) {
      const buffer = this.count + n
      const i = buffer << SHIFT
      this.records[i + OFFSET] = region.offset + n * size
      this.records[i + SIZE_CLASS] = at
      this.records[i + NEXT] = this.heads[at]
      this.heads[at] = buffer
    }
    this.count += count
    return true
  }
}

const doubleFree = (buffer: number): never => {
  throw new Error(`frame buffer ${buffer} is free already`)
}
