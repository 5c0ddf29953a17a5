import { errno } from '@netkit/netlink'
import type { PagePool } from '../net/page-pool.ts'
import type { MemoryProvider } from '../net/provider.ts'
import type { RxQueue } from '../net/queue.ts'
import type { BufArea, BufOwner } from '../packet/bufs.ts'
import type { Packets } from '../packet/packets.ts'

const SHIFT = 12
const BATCH = 64

/** A provider with one area, and an application that is handed bufs and gives them back at once or later. */
export class AreaProvider implements MemoryProvider, BufOwner {
  readonly rxBufLen = 1 << SHIFT
  readonly area: BufArea
  readonly waiting: number[]
  readonly pools = new Set<PagePool>()
  readonly told: RxQueue[] = []
  /** What is answered to pools that want to use it. */
  error = 0
  private readonly packets: Packets

  constructor(packets: Packets, bufs: number) {
    this.packets = packets
    const region = packets.memory.reserve('area', bufs << SHIFT, 4096)
    if (!region) throw new Error('no memory')
    this.area = packets.bufs.addArea(this, region.offset, region.length, SHIFT)
    this.waiting = Array.from({ length: bufs }, (_, n) => this.area.first + n)
  }

  init(pool: PagePool): number {
    if (this.error !== 0) return -this.error
    if (pool.bufferSize !== this.rxBufLen) return -errno.EINVAL
    this.pools.add(pool)
    return 0
  }

  alloc(pool: PagePool): boolean {
    let count = 0
    for (; count < BATCH && this.waiting.length > 0; count++) pool.enter(this.waiting.pop() as number)
    return count > 0
  }

  release(buf: number): void {
    this.waiting.push(buf)
  }

  free(buf: number): void {
    this.waiting.push(buf)
  }

  destroy(pool: PagePool): void {
    this.pools.delete(pool)
  }

  uninstall(queue: RxQueue): void {
    this.told.push(queue)
    if (queue.device.parent) queue.memoryProvider = undefined
  }

  /** The application is handed a buf that a packet has. */
  take(buf: number): void {
    this.packets.bufs.poolRefs[buf]++
    this.packets.bufs.userRefs[buf]++
  }

  /** It gives it back. */
  giveBack(buf: number): void {
    if (this.packets.bufs.userRefs[buf] === 0) return
    this.packets.bufs.userRefs[buf]--
    this.packets.bufs.release(buf)
  }
}
