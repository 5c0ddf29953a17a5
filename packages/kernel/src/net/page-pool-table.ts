import type { Packets } from '../packet/packets.ts'
import type { BufferSource } from './buffer-source.ts'
import type { Core } from './core.ts'
import type { Device } from './device.ts'
import { PagePool, type PagePoolOptions, type ProviderPoolOptions } from './page-pool.ts'
import type { MemoryProvider } from './provider.ts'
import { removeFrom } from './remove-from.ts'

/** How often a pool that still has buffers in use is looked at. */
const RETRY_NS = 1_000_000_000n

/** All page pools, by id. */
export class PagePoolTable {
  /** The device whose driver is working off its queues: what is freed meanwhile goes straight into its pools' caches. */
  polling: Device | undefined
  /** Frame buffers of the kernel, for pools without a provider. */
  readonly frames: BufferSource
  readonly #kernel: Core
  readonly #byId = new Map<number, PagePool>()
  #lastId = 0

  constructor(kernel: Core) {
    this.#kernel = kernel
    this.frames = {
      alloc: (pool) => pool.stock((to, count) => this.packets.buffers.stock(pool.home, to, 0, count)),
      release: (buffer) => this.packets.buffers.takeBack(buffer),
    }
  }

  get packets(): Packets {
    return this.#kernel.path.packets
  }

  get(id: number): PagePool | undefined {
    return this.#byId.get(id)
  }

  /** The pools that exist, oldest first. */
  get all(): Iterable<PagePool> {
    return this.#byId.values()
  }

  /** The id that was given out last. */
  get lastId(): number {
    return this.#lastId
  }

  set lastId(id: number) {
    this.#lastId = id
  }

  /** A new pool of frame buffers. */
  create(device: Device, options: PagePoolOptions): PagePool {
    return this.#add(device, new PagePool(this, this.#lastId + 1, device, options))
  }

  /** A new pool of a provider's bufs, or the negative errno with which the provider refused it. Source: spec 03 §2.2. */
  createFor(device: Device, provider: MemoryProvider, options: ProviderPoolOptions): PagePool | number {
    const pool = new PagePool(this, this.#lastId + 1, device, options, provider)
    const error = provider.init(pool)
    return error !== 0 ? error : this.#add(device, pool)
  }

  #add(device: Device, pool: PagePool): PagePool {
    this.#lastId = pool.id
    this.#byId.set(pool.id, pool)
    device.pagePools ??= []
    device.pagePools.push(pool)
    this.#kernel.announce.pagePool(pool, 'add')
    return pool
  }

  /** Its driver is done with a pool. It goes now, or stays detached until the last of its buffers is back. Source: spec 03 §2.6. */
  destroy(pool: PagePool): void {
    if (this.#kernel.release.does.poolForgetsNapi) pool.napi = undefined
    pool.close()
    if (pool.inflight === 0) {
      this.#remove(pool)
      return
    }
    pool.detachedAt = this.#kernel.world.now()
    this.#kernel.announce.pagePool(pool, 'change')
  }

  /** The last buffer of a detached pool is back. */
  emptied(pool: PagePool): void {
    const { world } = this.#kernel
    const { detachedAt } = pool
    if (detachedAt === undefined) return
    const looks = (world.now() - detachedAt) / RETRY_NS + 1n
    world.schedule(detachedAt + looks * RETRY_NS, () => this.#remove(pool))
  }

  /** A device leaves its namespace: pools that stay are listed under the loopback device there, and nowhere once that goes. */
  leave(device: Device): void {
    const { loopback } = device.ns
    for (const pool of device.pagePools ?? []) {
      pool.orphaned = true
      pool.device = loopback === device ? undefined : loopback
      if (!pool.device) continue
      pool.device.pagePools ??= []
      pool.device.pagePools.push(pool)
    }
    device.pagePools = undefined
  }

  #remove(pool: PagePool): void {
    this.#kernel.announce.pagePool(pool, 'del')
    this.#byId.delete(pool.id)
    removeFrom(pool.device?.pagePools, pool)
    pool.forget()
  }
}
