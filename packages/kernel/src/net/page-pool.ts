import type { Core } from './core.ts'
import type { Device } from './device.ts'
import type { Napi } from './napi.ts'
import { removeFrom } from './remove-from.ts'

/** What a pool counts, in the order in which it is reported. */
export interface PagePoolStats {
  allocFast: number
  allocSlow: number
  allocSlowHighOrder: number
  allocEmpty: number
  allocRefill: number
  allocWaive: number
  recycleCached: number
  recycleCacheFull: number
  recycleRing: number
  recycleRingFull: number
  recycleReleasedRefcnt: number
}

/** The memory from which a receive queue takes its buffers. */
export class PagePool {
  readonly id: number
  readonly device: Device
  napi: Napi | undefined
  /** Pages that are in use outside of it, and their bytes. */
  inflight = 0
  inflightMem = 0
  readonly stats: PagePoolStats = {
    allocFast: 0,
    allocSlow: 0,
    allocSlowHighOrder: 0,
    allocEmpty: 0,
    allocRefill: 0,
    allocWaive: 0,
    recycleCached: 0,
    recycleCacheFull: 0,
    recycleRing: 0,
    recycleRingFull: 0,
    recycleReleasedRefcnt: 0,
  }

  constructor(id: number, device: Device, napi: Napi | undefined) {
    this.id = id
    this.device = device
    this.napi = napi
  }
}

/** All page pools, by id. */
export class PagePoolTable {
  readonly #kernel: Core
  readonly #byId = new Map<number, PagePool>()
  #lastId = 0

  constructor(kernel: Core) {
    this.#kernel = kernel
  }

  get(id: number): PagePool | undefined {
    return this.#byId.get(id)
  }

  /** The id that was given out last. */
  get lastId(): number {
    return this.#lastId
  }

  set lastId(id: number) {
    this.#lastId = id
  }

  create(device: Device, napi: Napi | undefined): PagePool {
    const pool = new PagePool(++this.#lastId, device, napi)
    this.#byId.set(pool.id, pool)
    device.pagePools ??= []
    device.pagePools.push(pool)
    this.#kernel.announce.pagePool(pool, 'add')
    return pool
  }

  destroy(pool: PagePool): void {
    if (this.#kernel.release.does.poolForgetsNapi) pool.napi = undefined
    this.#kernel.announce.pagePool(pool, 'del')
    this.#byId.delete(pool.id)
    removeFrom(pool.device.pagePools, pool)
  }
}
