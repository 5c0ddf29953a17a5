import type { Device } from './device.ts'
import type { Napi } from './napi.ts'
import type { MemoryProvider } from './provider.ts'
import type { XskPool } from './xsk.ts'

/** A receive queue. Most devices never look at theirs; they are made when something is bound to one. */
export class RxQueue {
  readonly device: Device
  readonly index: number
  /** The queue at the other end of a lease; on a physical device the virtual one, and the other way round. */
  lease: RxQueue | undefined
  /** The buffers of AF_XDP sockets that are bound to it, in copy mode too; of a leased queue they are at the physical one. */
  xskPool: XskPool | undefined
  /** What lends it memory; of a leased queue, the physical one knows. And the bytes of a buffer that were asked for; 0: none. */
  memoryProvider: MemoryProvider | undefined
  rxPageSize = 0
  /** What polls it, while the device is up. */
  napi: Napi | undefined

  constructor(device: Device, index: number) {
    this.device = device
    this.index = index
  }
}
