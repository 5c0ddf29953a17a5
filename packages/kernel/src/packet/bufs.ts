import type { BufferHomes } from './buffer-homes.ts'
import type { FragmentOwner, FragmentTable } from './fragments.ts'
import { FreeSpans } from './spans.ts'

/** Whose memory it is: an io_uring instance's, or what stands in for a dma-buf. */
export interface BufOwner {
  /** Takes back a buf that is in no pool and that nobody uses any more. */
  free(buf: number): void
  /** The one device that can send from it. Absent: any that sends without looking. */
  readonly onlyFor?: object
}

/** A range of packet memory that is cut into bufs of one size. Its bufs are numbered in the order of their addresses. */
export interface BufArea {
  readonly owner: BufOwner
  /** Number of its first buf, and how many there are. */
  readonly first: number
  readonly count: number
  /** Of its first byte in packet memory. */
  readonly offset: number
  /** Power of two: bytes of a buf. */
  readonly chunkShift: number
}

const GROWTH = 256

/**
 * Bufs (Linux: network io vectors): chunks of memory that applications lend to receive queues. A buf in a packet is a fragment
 * whose cookie is the number of the buf. It is used by packets and by the application, each counted by itself: it can be
 * received into again when both have let go. Source: spec 03 §2.1, §2.4.
 */
export class BufTable implements FragmentOwner {
  /** Number as the owner of fragments. */
  readonly fragmentOwner: number
  /** Who holds a buf: 1 for the pool or the packet that has it, 1 more for each time that it was handed to the application. */
  poolRefs = new Int32Array(0)
  /** How often the application has a buf; it can give it back as many times. */
  userRefs = new Int32Array(0)
  /** Home of a buf in {@link BufferHomes}: the pool that it belongs to; 0 while it is in none. */
  homes = new Int32Array(0)
  /** Areas that exist. 0: no packet can be unreadable. */
  areas = 0
  private offsets = new Int32Array(0)
  private areaOf: (BufArea | undefined)[] = []
  private readonly pools: BufferHomes
  private readonly spans = new FreeSpans()

  constructor(fragments: FragmentTable, pools: BufferHomes) {
    this.pools = pools
    this.fragmentOwner = fragments.addOwner(this)
  }

  /** Cuts `length` bytes at `offset` of packet memory into bufs of `1 << chunkShift`, all of them in no pool. */
  addArea(owner: BufOwner, offset: number, length: number, chunkShift: number): BufArea {
    const count = length >>> chunkShift
    let first = this.spans.take(count, 1)
    if (first < 0) {
      this.grow(count)
      first = this.spans.take(count, 1)
    }
    const area: BufArea = Object.freeze({ owner, first, count, offset, chunkShift })
    for (let n = 0; n < count; n++) {
      this.offsets[first + n] = offset + (n << chunkShift)
      this.areaOf[first + n] = area
    }
    this.areas++
    return area
  }

  /** Forgets an area whose bufs are all in no pool and in no packet. */
  removeArea(area: BufArea): void {
    const end = area.first + area.count
    for (let buf = area.first; buf < end; buf++) {
      if (this.homes[buf] !== 0) throw new Error(`buf ${buf} is in a pool`)
      this.areaOf[buf] = undefined
      this.poolRefs[buf] = 0
      this.userRefs[buf] = 0
    }
    this.spans.add(area.first, area.count)
    this.areas--
  }

  /** Address of a buf: where it begins in packet memory. */
  offset(buf: number): number {
    return this.offsets[buf]
  }

  /** The area of a buf that exists. */
  area(buf: number): BufArea | undefined {
    return this.areaOf[buf]
  }

  /** Drops `count` references of a buf; true if they were the last, and the caller has the buf now, with one reference. */
  drop(buf: number, count: number): boolean {
    const left = this.poolRefs[buf] - count
    if (left < 0) throw new Error(`buf ${buf} is given back ${-left} times too often`)
    this.poolRefs[buf] = left === 0 ? 1 : left
    return left === 0
  }

  /** One more packet, or the application, uses it. */
  retain(buf: number): void {
    this.poolRefs[buf]++
  }

  /** One user less; after the last, it goes back to its pool, or to its owner if it is in none. */
  release(buf: number): void {
    if (this.drop(buf, 1)) this.sendHome(buf)
  }

  /** Gives a buf that nobody uses any more back to where it belongs. */
  sendHome(buf: number): void {
    const home = this.pools.at(this.homes[buf])
    if (home) home.recycle(buf)
    else this.areaOf[buf]?.owner.free(buf)
  }

  private grow(count: number): void {
    const before = this.poolRefs.length
    const length = Math.max(before * 2, before + count, GROWTH)
    const larger = (from: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(length)
      to.set(from)
      return to
    }
    this.poolRefs = larger(this.poolRefs)
    this.userRefs = larger(this.userRefs)
    this.homes = larger(this.homes)
    this.offsets = larger(this.offsets)
    this.spans.add(before, length - before)
  }
}
