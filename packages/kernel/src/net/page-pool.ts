import type { BufferHome } from '../packet/buffer-homes.ts'
import type { BufTable } from '../packet/bufs.ts'
import type { BufferSource } from './buffer-source.ts'
import type { Device } from './device.ts'
import type { Napi } from './napi.ts'
import { makePagePoolStats } from './page-pool-stats.ts'
import type { PagePoolTable } from './page-pool-table.ts'
import type { MemoryProvider } from './provider.ts'

export const PAGE = 4096
/** Buffers in the cache, buffers fetched at a time, and buffers in the ring unless it is told. Source: spec 03 §2.2, §2.3. */
const CACHE = 128
const BATCH = 64
const DEFAULT_RING = 1024
const MOST_RING = 16384
const NONE = -1

/** What a pool is made for. */
export interface PagePoolOptions {
  readonly napi?: Napi
  /** Entries of its recycle ring, at most 16384. Default 1024. */
  readonly size?: number
}

/** Of a pool whose buffers are a provider's bufs: the receive queue, and bytes of a buf, a page or more by powers of two. */
export interface ProviderPoolOptions extends PagePoolOptions {
  readonly queue: number
  readonly bufferSize: number
}

/**
 * The memory from which a receive queue takes its buffers. What it has lent comes back to it, wherever packets have gone.
 * A buffer is a number: of a frame buffer, or of a buf of its provider. Source: spec 03 §2.
 */
export class PagePool implements BufferHome {
  readonly id: number
  /** The device that it is listed under: its own, and the loopback device of the namespace once that is gone; then none. */
  device: Device | undefined
  /** Its own device is gone. */
  orphaned = false
  napi: Napi | undefined
  readonly provider: MemoryProvider | undefined
  /** Receive queue that it takes the provider of; -1 without a provider. */
  readonly queue: number
  /** Bytes of a buffer. */
  readonly bufferSize: number
  /** Nanoseconds of the world's clock at which its owner was done with it while buffers were still in use. */
  detachedAt: bigint | undefined
  readonly stats = makePagePoolStats()
  /** Number among the homes of buffers; 0 until it has any. */
  home = 0
  private readonly table: PagePoolTable
  private readonly size: number
  private source: BufferSource | undefined
  /** Where its buffers are counted, if they are a provider's. */
  private bufs: BufTable | undefined
  /** Last in, first out. */
  private cache = EMPTY
  private cached = 0
  /** First in, first out. */
  private ring = EMPTY
  private head = 0
  private tail = 0
  /** Buffers that entered and that left: 32 bits that wrap. */
  private held = 0
  private released = 0
  private closing = false

  constructor(
    table: PagePoolTable,
    id: number,
    device: Device,
    options: PagePoolOptions & Partial<ProviderPoolOptions>,
    provider?: MemoryProvider,
  ) {
    this.table = table
    this.id = id
    this.device = device
    this.napi = options.napi
    this.provider = provider
    this.queue = options.queue ?? NONE
    this.bufferSize = options.bufferSize ?? PAGE
    this.size = Math.min(options.size || DEFAULT_RING, MOST_RING)
  }

  /** Buffers that belong to it: lent, or waiting in it. */
  get inflight(): number {
    return (this.held - this.released) | 0
  }

  get inflightMem(): number {
    return this.inflight * this.bufferSize
  }

  /** A buffer; -1 if there is none. */
  alloc(): number {
    if (this.cached === 0) return this.refill()
    this.stats.allocFast++
    return this.cache[--this.cached]
  }

  /** A buffer that was in no pool becomes one of its own, and is put into the cache. */
  enter(buffer: number): void {
    this.held = (this.held + 1) | 0
    const bufs = this.bufs
    if (bufs !== undefined) {
      bufs.homes[buffer] = this.home
      bufs.poolRefs[buffer] = 1
    }
    this.cache[this.cached++] = buffer
  }

  /** Puts a buffer of its own, which nobody uses any more, into the cache, which has room. */
  keep(buffer: number): void {
    this.cache[this.cached++] = buffer
  }

  /** Nobody uses a buffer any more. */
  recycle(buffer: number): void {
    const { stats } = this
    if (this.closing) {
      this.giveUp(buffer)
      if (this.inflight === 0) this.table.emptied(this)
      return
    }
    if (this.table.polling === this.device) {
      if (this.cached < CACHE) {
        stats.recycleCached++
        this.cache[this.cached++] = buffer
        return
      }
      stats.recycleCacheFull++
    }
    if (this.ring.length === 0) this.ring = new Int32Array(ringLength(this.size))
    if (this.tail - this.head === this.size) {
      stats.recycleRingFull++
      this.giveUp(buffer)
      return
    }
    stats.recycleRing++
    this.ring[this.tail++ & (this.ring.length - 1)] = buffer
  }

  /** Its owner is done with it: what waits in it goes back to where it is from. */
  close(): void {
    this.closing = true
    while (this.cached > 0) this.giveUp(this.cache[--this.cached])
    while (this.head < this.tail) this.giveUp(this.ring[this.head++ & (this.ring.length - 1)])
  }

  private giveUp(buffer: number): void {
    this.released = (this.released + 1) | 0
    if (this.bufs !== undefined) this.bufs.homes[buffer] = 0
    this.source?.release(buffer)
  }

  private refill(): number {
    const { stats } = this
    if (this.head === this.tail) stats.allocEmpty++
    else {
      stats.allocRefill++
      const mask = this.ring.length - 1
      while (this.head < this.tail && this.cached < BATCH) this.keep(this.ring[this.head++ & mask])
      return this.cache[--this.cached]
    }
    this.source ??= this.open()
    if (!this.source.alloc(this)) return NONE
    if (this.provider === undefined) stats.allocSlow++
    return this.cache[--this.cached]
  }

  /** With the first buffer that is wanted. */
  private open(): BufferSource {
    const { packets } = this.table
    this.cache = new Int32Array(CACHE)
    this.home = packets.homes.add(this)
    if (this.provider === undefined) return this.table.frames
    this.bufs = packets.bufs
    return this.provider
  }

  /** It is gone: no buffer leads to it any more. */
  forget(): void {
    if (this.home !== 0) this.table.packets.homes.remove(this.home)
    this.provider?.destroy(this)
  }

  /** Room in its cache, as a place for buffers that have entered it. */
  stock(fill: (to: Int32Array, count: number) => number): boolean {
    const count = fill(this.cache, BATCH)
    this.held = (this.held + count) | 0
    this.cached = count
    return count > 0
  }
}
const EMPTY = new Int32Array(0)

/** Its size as a power of two, so that positions wrap by a mask. */
const ringLength = (size: number): number => 1 << (32 - Math.clz32(size - 1))
