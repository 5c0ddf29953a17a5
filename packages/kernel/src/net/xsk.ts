import type { PacketBatch } from '../packet/batch.ts'
import type { Core } from './core.ts'
import type { Device } from './device.ts'
import type { PacketPath } from './path.ts'

/**
 * The buffers of AF_XDP sockets on one queue, as drivers see them. Those of a zero-copy pool are frame buffers of
 * `Packets.buffers` that lie in the UMEM: whoever frees a packet gives its buffer back to the pool.
 */
export interface XskPool {
  /** What the socket is bound to: of a leased queue the virtual device and queue. */
  readonly device: Device
  readonly queue: number
  /** Whether a driver receives into it. */
  readonly zeroCopy: boolean
  /** Bytes before the data of a received frame, and the most that a frame's buffer takes behind them. */
  readonly headroom: number
  readonly frameSize: number
  /** A buffer to receive into, from those that came back or from the fill ring; -1 if the application has given none. */
  allocate(): number
  /** Whether frames of several buffers are taken. */
  readonly multiBuffer: boolean
  /**
   * Puts packets over what the sockets want to be sent into the batch, at most `budget` and as many as there is room for. Whoever
   * has sent them calls `sent`. Returns how many.
   */
  fetch(path: PacketPath, batch: PacketBatch, budget: number): number
  /** What was fetched has been sent: the application gets its buffers back. */
  sent(): void
  /** The queue is read by a driver no more. */
  disconnected(): void
}

/** What a driver does about AF_XDP. Source: spec 03 §1.4, §5.3. */
export interface XskHooks {
  /** Receives into a pool's buffers from now on, or no longer; 0 or a negative errno. */
  setup(kernel: Core, dev: Device, pool: XskPool | undefined, queue: number): number
  /** Looks at the rings of a queue; 0 or a negative errno. */
  wakeup(kernel: Core, dev: Device, queue: number): number
}
