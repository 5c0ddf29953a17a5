import type { BufferSource } from './buffer-source.ts'
import type { PagePool } from './page-pool.ts'
import type { RxQueue } from './queue.ts'

/** What lends receive queues the memory that packets are received into: bufs of packet/bufs.ts. Source: spec 03 §2, §3.7. */
export interface MemoryProvider extends BufferSource {
  /** Id of a dma-buf binding, or the bytes of a buf of an io_uring instance: what queue-get and page-pool-get tell. */
  readonly dmabuf?: number
  readonly rxBufLen?: number
  /**
   * A pool is made that will use it; 0, or a negative errno: EINVAL if it is for another DMA device or size of buffers. The pool
   * has it until {@link destroy}.
   */
  init(pool: PagePool): number
  /** A pool that used it is gone: all bufs have come back from it. */
  destroy(pool: PagePool): void
  /**
   * A queue is no more: the physical one, whose device goes, or the virtual one that it was opened through, whose lease ends. A
   * provider that is thereby over for the physical queue sets `memoryProvider` there to undefined; at the end of a lease that has
   * happened already. Source: spec 03 §1.6 D5, E4.
   */
  uninstall(queue: RxQueue): void
}
