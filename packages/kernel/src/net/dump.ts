import type { Writer } from '@netkit/netlink'
import type { Request } from './request.ts'

/** A dump in progress: it goes on as its reader reads. */
export interface Dump {
  readonly request: Request
  /** DONE comes in a datagram of its own even if it would fit behind the last records. */
  readonly doneApart: boolean
  /** Flags of the last message: NLM_F_DUMP_FILTERED where records were left out. Default: 0. */
  readonly doneFlags?: number
  /**
   * Writes records until about `limit` bytes are full. Returns 1 if there may be more, 0 at the end, or a negative errno
   * that ends the dump. `datagram` counts from 0.
   */
  fill(w: Writer, limit: number, datagram: number): number
}
