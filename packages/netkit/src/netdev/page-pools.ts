import { NETDEV, type NetdevPagePool, type NetdevPagePoolStats } from '@netkit/netlink'
import { indexOf } from '../devices/look.ts'
import { type DeviceSelector, deviceText, placeOf } from '../devices/selector.ts'
import type { Where } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import { genericAttrs } from '../request/message.ts'

/** Where a receive queue takes its pages from. */
export type PagePool = NetdevPagePool & { id: number }

const { pagePoolGet: GET, pagePoolStatsGet: STATS } = NETDEV.commands

/** Page pools: `kernel.pagePools`. They belong to the physical device, also where its queue is leased. */
export class PagePools {
  readonly #places: Places

  /** @internal */
  constructor(places: Places) {
    this.#places = places
  }

  /** One pool. Rejects with KernelError ENOENT if there is none in this namespace. */
  get(id: number, where: Where = {}): Promise<PagePool> {
    const op = `page-pool show ${id}`
    return this.#places.with(where.in, async (scope) => {
      const [reply] = await scope.call(NETDEV, GET, { id }, { op, signal: where.signal })
      return genericAttrs(GET.attrs, reply) as PagePool
    })
  }

  /** All pools, of one device or of all. */
  list(options: Where & { readonly device?: DeviceSelector } = {}): Promise<PagePool[]> {
    const { device, signal } = options
    const op = device === undefined ? 'page-pool list' : `page-pool list ${deviceText(device)}`
    return this.#places.with(device === undefined ? options.in : placeOf(device, options.in), async (scope) => {
      const ifindex = device === undefined ? undefined : await indexOf(scope, op, device, signal)
      const replies = await scope.dump(NETDEV, GET, { ifindex }, { op, signal })
      return replies.map((reply) => genericAttrs(GET.attrs, reply) as PagePool)
    })
  }

  /** How often one pool allocated and recycled pages, and by which way. */
  stats(id: number, where: Where = {}): Promise<NetdevPagePoolStats> {
    const op = `page-pool stats ${id}`
    return this.#places.with(where.in, async (scope) => {
      const [reply] = await scope.call(NETDEV, STATS, { info: { id } }, { op, signal: where.signal })
      return genericAttrs(STATS.attrs, reply)
    })
  }
}
