import type { PacketBatch } from '../packet/batch.ts'
import type { Packets } from '../packet/packets.ts'
import type { Core } from './core.ts'
import type { Device } from './device.ts'
import type { PacketPath, PollingPath } from './path.ts'

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
  /** Number of the pool as owner of fragments that lie in its buffers. */
  readonly fragmentOwner: number
  /** Whether frames of several buffers are taken. */
  readonly multiBuffer: boolean
  /**
   * Puts packets over what the sockets want to be sent into the batch, at most `budget` and as many as there is room for. Whoever
   * has sent them calls `sent`. Returns how many were taken; what a program has kept from the wire is not in the batch.
   */
  fetch(path: PacketPath, batch: PacketBatch, budget: number): number
  /**
   * Has a program move the ends of a packet that was fetched, within the chunk that it lies in (not where chunks begin anywhere), until
   * `narrow`: what leaves has no room around it, as other packets may lie there.
   */
  widen(packets: Packets, handle: number): void
  narrow(packets: Packets, handle: number): void
  /** What was fetched has been sent: the application gets its buffers back. */
  sent(): void
  /** The queue is read by a driver no more. */
  disconnected(): void
}

/** A socket that programs can redirect frames to by a map. */
export interface RedirectSocket {
  /** Where received frames go; sockets that only send cannot be in a map. */
  readonly rx: object | undefined
  /** That it is bound to; 0 before. */
  readonly queue: number
  /** Takes a frame that arrived at a queue of `dev`: 0, and it is gone, or a negative errno. */
  receive(packets: Packets, dev: Device, queue: number, handle: number): number
  /** Takes a frame that the own stack of `dev` sends, to be received later: 0, and it is gone, or a negative errno. Source: spec 03 §8.5. */
  inject(path: PollingPath, dev: Device, handle: number): number
  /** Shows the application what it was given. */
  flush(): void
  /** A map leads to it from now on; it is told when the socket is closed. */
  heldBy(map: SocketMap): void
}

/** A map that sockets are in. */
export interface SocketMap {
  forgetSocket(socket: RedirectSocket): void
  /** It has a queue now. */
  socketBound(socket: RedirectSocket): void
}

/** What a driver does about AF_XDP. Source: spec 03 §1.4, §5.3. */
export interface XskHooks {
  /** Receives into a pool's buffers from now on, or no longer; 0 or a negative errno. */
  setup(kernel: Core, dev: Device, pool: XskPool | undefined, queue: number): number
  /** Looks at the rings of a queue; 0 or a negative errno. */
  wakeup(kernel: Core, dev: Device, queue: number): number
  /** Sees what was fetched from a pool of the device, and takes from the batch what is not to be sent. Absent: all is. */
  filter?(path: PacketPath, pool: XskPool, batch: PacketBatch): void
}
