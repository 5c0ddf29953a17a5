import { errno, ZCRX_EVENT_ALLOC_FAIL } from '@netkit/netlink'
import type { Core } from '../net/core.ts'
import type { Device } from '../net/device.ts'
import type { PagePool } from '../net/page-pool.ts'
import type { MemoryProvider } from '../net/provider.ts'
import { closeProvider, openProvider } from '../net/provider-open.ts'
import type { ApplicationMemory } from '../packet/application-memory.ts'
import type { BufTable } from '../packet/bufs.ts'
import { Areas } from './areas.ts'
import { type EventOptions, ZcrxEvents } from './events.ts'
import { MALFORMED, NONE, RefillRing } from './refill-ring.ts'
import { closeRegion, type RegionMemory } from './region.ts'

/** Bufs that one refill takes from the ring, with the one that settles last; and from the free list. Source: spec 03 §3.3, §3.7. */
const BATCH = 64
const LOOKS = 2
const FLUSH_BATCH = 32

/** What an instance is made of. */
export interface InstanceParts {
  readonly kernel: Core
  readonly application: ApplicationMemory
  readonly bufs: BufTable
  /** Power of two: bytes of a buf. */
  readonly chunkShift: number
  /** Where the refill ring is, and how many entries it has. */
  readonly region: RegionMemory
  readonly entries: number
  readonly events: EventOptions | undefined
}

/**
 * A registration for zero-copy receive: areas cut into bufs, the ring by which they come back, and the receive queue that takes
 * them, if it has a device. Rings and exported descriptors are its users; pools hold on to it too. Source: spec 03 §3.
 */
export class ZcrxInstance implements MemoryProvider {
  readonly areas: Areas
  readonly chunkShift: number
  readonly bufs: BufTable
  readonly application: ApplicationMemory
  /** The receive queue that was named at registration, until its device or its lease goes. */
  device: Device | undefined
  queue = 0
  readonly region: RegionMemory
  readonly refillRing: RefillRing
  readonly events: ZcrxEvents
  /** It was made for a device, which may be gone by now. */
  wasBound = false
  readonly #kernel: Core
  #users = 1
  #holders = 1

  constructor({ kernel, application, bufs, chunkShift, region, entries, events }: InstanceParts) {
    const { memory } = application
    this.#kernel = kernel
    this.application = application
    this.bufs = bufs
    this.chunkShift = chunkShift
    this.region = region
    this.areas = new Areas(bufs, chunkShift)
    this.refillRing = new RefillRing(memory, region.offset, entries, this.areas)
    this.events = new ZcrxEvents(memory, events)
  }

  get rxBufLen(): number {
    return 1 << this.chunkShift
  }

  /** Has the queue take its bufs; 0 or a negative errno. Source: spec 03 §3.5. */
  bind(device: Device, queue: number, rxPageSize: number): number {
    const refusal = openProvider(this.#kernel, device, queue, { provider: this, rxPageSize })
    if (refusal) return refusal.error
    this.device = device
    this.queue = queue
    this.wasBound = true
    return 0
  }

  /** It comes to nothing: no ring has it. */
  abandon(): void {
    this.#release()
  }

  /** One more ring or exported descriptor. */
  use(): void {
    this.#users++
    this.#holders++
  }

  /** A user less. After the last one the queue goes back to memory of its own, and no buf is the application's any more. */
  unuse(): void {
    if (--this.#users > 0) return
    this.#close()
    this.reclaim()
  }

  /** A user is gone for good; the first half of it is {@link unuse}. */
  drop(): void {
    if (this.#users === 0) this.reclaim()
    this.#release()
  }

  #close(): void {
    const { device } = this
    this.device = undefined
    if (device) closeProvider(this.#kernel, device, this.queue, this)
  }

  /** Takes away all that the application has. */
  reclaim(): void {
    const { bufs } = this
    for (const { bufs: area } of this.areas.list) {
      for (let buf = area.first; buf < area.first + area.count; buf++) {
        const count = bufs.userRefs[buf]
        if (count === 0) continue
        bufs.userRefs[buf] = 0
        if (bufs.drop(buf, count)) bufs.sendHome(buf)
      }
    }
  }

  #release(): void {
    if (--this.#holders > 0) return
    for (const { bufs, pinned } of this.areas.list) {
      this.bufs.removeArea(bufs)
      this.application.unpin(pinned)
    }
    closeRegion(this.application, this.region)
  }

  init(pool: PagePool): number {
    if (pool.bufferSize !== this.rxBufLen) return -errno.EINVAL
    this.#holders++
    return 0
  }

  destroy(): void {
    this.#release()
  }

  uninstall(): void {
    this.device = undefined
  }

  release(buf: number): void {
    this.areas.giveBack(buf)
  }

  alloc(pool: PagePool): boolean {
    if (this.#refill(pool) > 0 || this.#takeFree(pool) > 0) return true
    this.events.raise(ZCRX_EVENT_ALLOC_FAIL)
    return false
  }

  /** What the application gave back becomes the pool's. How many bufs. */
  #refill(pool: PagePool): number {
    let out = 0
    let run = NONE
    let count = 0
    for (let look = 0; look < LOOKS && out < BATCH - 1; look++) {
      if (this.refillRing.look() === 0) break
      for (let buf = NONE; out < BATCH - 1; ) {
        buf = this.refillRing.next()
        if (buf === NONE) break
        if (buf === MALFORMED) continue
        if (buf === run) {
          count++
          continue
        }
        out += this.#settle(pool, run, count)
        run = buf
        count = 1
      }
    }
    out += this.#settle(pool, run, count)
    this.refillRing.publish()
    return out
  }

  /** The application gives a buf back so many times. 1 if the pool has it now. */
  #settle(pool: PagePool, buf: number, count: number): number {
    if (buf === NONE || !this.#giveUp(buf, count)) return 0
    if (this.bufs.homes[buf] !== pool.home) {
      this.bufs.sendHome(buf)
      return 0
    }
    pool.keep(buf)
    return 1
  }

  /** Whether nobody uses the buf any more. What was never handed out cannot be given back. */
  #giveUp(buf: number, count: number): boolean {
    const { bufs } = this
    if (bufs.userRefs[buf] < count) return false
    bufs.userRefs[buf] -= count
    return bufs.drop(buf, count)
  }

  #takeFree(pool: PagePool): number {
    let taken = 0
    for (; taken < BATCH; taken++) {
      const buf = this.areas.take()
      if (buf < 0) break
      pool.enter(buf)
    }
    return taken
  }

  /** Takes back what the application has given, a batch after the other until one is short. Source: spec 03 §3.12 c. */
  flush(): void {
    for (let done = 0; done < this.refillRing.entries; done += FLUSH_BATCH) {
      if (this.#flushBatch() < FLUSH_BATCH) return
    }
  }

  #flushBatch(): number {
    let taken = 0
    this.refillRing.look(FLUSH_BATCH)
    for (let buf = this.refillRing.next(); buf >= 0; buf = this.refillRing.next()) {
      taken++
      if (this.#giveUp(buf, 1)) this.bufs.sendHome(buf)
    }
    this.refillRing.publish()
    return taken
  }
}
