import type { PagePool } from './page-pool.ts'

/** Where a page pool gets buffers from when it has none, and where they go that it gives up. */
export interface BufferSource {
  /** Fills the empty cache of a pool by {@link PagePool.enter} and {@link PagePool.keep}. False if there is nothing. */
  alloc(pool: PagePool): boolean
  /** A pool gives up a buffer, which is in no pool any more. */
  release(buffer: number): void
}
