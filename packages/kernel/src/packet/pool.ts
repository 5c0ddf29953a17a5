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

/** Told of each foreign buffer that nobody uses any more. */
export type ForeignUnused = (buffer: number) => void

/** Buffers in memory that is not this pool's: their numbers, from `first` on. */
export interface ForeignBuffers {
  readonly first: number
  readonly count: number
}

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
  /** By class; behind the own classes one for each owner of foreign buffers. */
  private sizes: Int32Array
  private readonly heads: Int32Array
  /** One record of 4 words per buffer. */
  private records = new Int32Array(0)
  private count = 0
  private readonly slabs: Region[] = []
  private readonly homes: BufferHomes
  private readonly owners: (ForeignUnused | undefined)[] = []
  /** Numbers of foreign buffers that were removed. */
  private readonly vacant: ForeignBuffers[] = []

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
    return this.sizes[this.classes.length - 1]
  }

  /** A buffer of at least `size` bytes with one reference; its bytes are whatever they were. -1 without memory or beyond
   *  the largest class. */
  alloc(size: number): number {
    const sizes = this.sizes
    const classes = this.classes.length
    let at = 0
    while (at < classes && sizes[at] < size) at++
    if (at === classes) return this.fail()
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
    const at = records[i + SIZE_CLASS]
    if (at >= this.classes.length) {
      this.owners[at - this.classes.length]?.(buffer)
      return
    }
    this.freed++
    if (records[i + HOME] !== 0) {
      this.homes.at(records[i + HOME])?.recycle(buffer)
      return
    }
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

  /**
   * Numbers for `count` buffers of `size` bytes whose memory is somebody else's, such as an application's UMEM. Their owner places
   * them one by one, and is told when nobody uses one any more.
   */
  addForeign(count: number, size: number, unused: ForeignUnused): ForeignBuffers {
    const foreign = this.numbersFor(count)
    const free = this.owners.indexOf(undefined)
    const owner = free < 0 ? this.owners.length : free
    this.owners[owner] = unused
    const at = this.classes.length + owner
    if (at >= this.sizes.length) {
      const sizes = new Int32Array(at + 1)
      sizes.set(this.sizes)
      this.sizes = sizes
    }
    this.sizes[at] = size
    for (let n = 0; n < count; n++) this.records[((foreign.first + n) << SHIFT) + SIZE_CLASS] = at
    return foreign
  }

  /** Their owner takes them away, and is told of none any more. `then` is called once nobody uses any of them: their memory may go. */
  removeForeign(foreign: ForeignBuffers, then: () => void): void {
    const owner = this.records[(foreign.first << SHIFT) + SIZE_CLASS] - this.classes.length
    let used = 0
    for (let n = 0; n < foreign.count; n++) if (this.references(foreign.first + n) > 0) used++
    const end = (): void => {
      this.owners[owner] = undefined
      this.vacant.push(foreign)
      then()
    }
    this.owners[owner] = () => {
      if (--used === 0) end()
    }
    if (used === 0) end()
  }

  /** A foreign buffer is in use from now on, with one reference; its memory begins at `offset`. */
  place(buffer: number, offset: number): void {
    const i = buffer << SHIFT
    this.records[i + OFFSET] = offset
    this.records[i + REFS] = 1
  }

  /** Takes a foreign buffer from its only user without telling its owner. */
  takeFrom(buffer: number): void {
    this.records[(buffer << SHIFT) + REFS] = 0
  }

  isForeign(buffer: number): boolean {
    return this.records[(buffer << SHIFT) + SIZE_CLASS] >= this.classes.length
  }

  private numbersFor(count: number): ForeignBuffers {
    const at = this.vacant.findIndex((one) => one.count >= count)
    if (at >= 0) return this.vacant.splice(at, 1)[0]
    const first = this.count
    this.makeRecords(count)
    this.count += count
    return { first, count }
  }

  private makeRecords(count: number): void {
    const needed = (this.count + count) << SHIFT
    if (needed <= this.records.length) return
    const records = new Int32Array(Math.max(needed, this.records.length * 2))
    records.set(this.records)
    this.records = records
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
    this.makeRecords(count)
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
