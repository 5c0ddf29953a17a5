import { errno } from '@netkit/netlink'
import type { BufArea, BufOwner, BufTable } from '../packet/bufs.ts'
import type { Device } from './device.ts'
import type { DmaBuf } from './dma-buf.ts'
import type { PagePool } from './page-pool.ts'
import type { MemoryProvider } from './provider.ts'
import type { RxQueue } from './queue.ts'

/**
 * A dma-buf that receive queues take their bufs of, or that is sent from. It ends with the netlink socket that made it; its memory
 * stays until the last buf is back. Source: spec 03 §4.
 */
export class DevmemBinding implements MemoryProvider, BufOwner {
  readonly id: number
  readonly dmabuf: number
  /** The queues that it was opened through: of a leased one, the virtual. */
  readonly queues = new Set<RxQueue>()
  /** Of a binding that is sent from: the device that fetches it. */
  readonly onlyFor: Device | undefined
  readonly #buf: DmaBuf
  readonly #bufs: BufTable
  readonly #area: BufArea
  readonly #free: Int32Array
  #freeCount: number
  /** Pools that have it, and the socket. */
  #holders = 1

  constructor(id: number, buf: DmaBuf, bufs: BufTable, chunkShift: number, onlyFor?: Device) {
    this.id = id
    this.dmabuf = id
    this.onlyFor = onlyFor
    this.#buf = buf
    this.#bufs = bufs
    buf.hold()
    const area = bufs.addArea(this, buf.offset, buf.length, chunkShift)
    this.#area = area
    this.#free = Int32Array.from({ length: area.count }, (_, n) => area.first + area.count - 1 - n)
    this.#freeCount = area.count
  }

  init(pool: PagePool): number {
    if (pool.bufferSize !== 1 << this.#area.chunkShift) return -errno.E2BIG
    this.#holders++
    return 0
  }

  alloc(pool: PagePool): boolean {
    if (this.#freeCount === 0) return false
    pool.enter(this.#free[--this.#freeCount])
    return true
  }

  release(buf: number): void {
    this.free(buf)
  }

  free(buf: number): void {
    this.#free[this.#freeCount++] = buf
  }

  destroy(): void {
    this.drop()
  }

  uninstall(queue: RxQueue): void {
    this.queues.delete(queue)
  }

  /** One holder less; with the last the memory goes. */
  drop(): void {
    if (--this.#holders > 0) return
    this.#bufs.removeArea(this.#area)
    this.#buf.release()
  }
}
