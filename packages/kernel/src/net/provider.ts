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
  /** The queue that it was opened through is no more: the device goes, or the lease. No queue leads to it any more. */
  uninstall(queue: RxQueue): void
}
