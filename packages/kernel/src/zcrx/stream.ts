import type { SpanVisitor } from '../ip/tcp/receive-queue.ts'

/** A connection, as far as receiving from it goes. */
export interface ReceivingStream {
  /** What was received in order and waits. */
  readonly receiveQueue: { walk(visitor: SpanVisitor): void; readonly bytes: number }
  /** The other side has ended. */
  readonly finReceived: boolean
  /** This side wants no more. */
  readonly receiveShut: boolean
  /** It is not connected, nor was it ever, or it listens. */
  readonly unconnected: boolean
  /** Errno that the next call meets, which takes it away; 0: none. */
  takeError(): number
  /** Forgets the first bytes, and tells the other side of the room. */
  consume(bytes: number): void
  /** Calls `changed` whenever there may be something new. Returns what ends that. */
  watch(changed: () => void): () => void
}
