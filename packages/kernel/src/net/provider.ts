import type { RxQueue } from './queue.ts'

/** What lends a receive queue the memory that packets are received into. */
export interface MemoryProvider {
  /** Id of a dma-buf binding, or the bytes of a buffer of an io_uring area: what queue-get tells. */
  readonly dmabuf?: number
  readonly rxBufLen?: number
  /** The queue has stopped using it, for reasons of its own: its lease ended. */
  released(queue: RxQueue): void
}
