import type { PagePool } from '../../net/page-pool.ts'

const NONE = -1

/**
 * The memory that one receive queue of a NIC stands on. With a memory provider, payload goes to bufs that wait on a ring, and
 * headers to frame buffers of a pool of their own; a frame takes what is at the ring's front, and every buf that goes up is
 * replaced first, so that the ring never shrinks. Without one, a frame takes a frame buffer when it comes.
 * Source: spec 03 §6.2.
 */
export class RxMemory {
  /** What lends the bufs, or without a provider all buffers. */
  readonly pool: PagePool
  /** What lends buffers for headers; undefined without a provider. */
  readonly heads: PagePool | undefined
  /** A queue has run with it. */
  used = false
  private readonly ring: Int32Array
  private head = 0
  private count = 0

  /** `entries`: bufs on the ring, of a queue with a provider. */
  constructor(pool: PagePool, heads: PagePool | undefined, entries: number) {
    this.pool = pool
    this.heads = heads
    this.ring = new Int32Array(heads ? entries : 0)
  }

  /** Bufs that wait for frames. */
  get posted(): number {
    return this.count
  }

  /** Posts as many bufs as there is room for and the pool has. */
  fill(): void {
    while (this.count < this.ring.length) {
      const buf = this.pool.alloc()
      if (buf === NONE) return
      this.post(buf)
    }
  }

  /** Puts a buf behind the others. There is room. */
  post(buf: number): void {
    const at = this.head + this.count
    this.ring[at >= this.ring.length ? at - this.ring.length : at] = buf
    this.count++
  }

  /** Takes the first buf; there is one. */
  take(): number {
    const buf = this.ring[this.head]
    this.head = this.head + 1 === this.ring.length ? 0 : this.head + 1
    this.count--
    return buf
  }

  /** Takes all bufs off the ring: they go back to their pool. */
  drain(): void {
    while (this.count > 0) this.pool.recycle(this.take())
  }
}
