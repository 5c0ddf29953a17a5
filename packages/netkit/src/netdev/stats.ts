import { type CopyCount, type LinkAttrs, NETDEV, type NetdevQstats, RT_LINK, refused } from '@netkit/netlink'
import { decodeLink } from '../devices/decode.ts'
import { indexOf } from '../devices/look.ts'
import { type DeviceSelector, deviceText, placeOf, select } from '../devices/selector.ts'
import type { Where } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import { genericAttrs } from '../request/message.ts'

/** Counters of a device, as `ip -s link` shows them. */
export type LinkStats = NonNullable<LinkAttrs['stats64']>

/** Counters of a device by its driver; what it does not count is absent. */
export type DeviceQstats = NetdevQstats & { ifindex: number }

/** Counters of one queue; what the driver does not count is absent. */
export type QueueStats = DeviceQstats & { queueType: 'rx' | 'tx' | number; queueId: number }

export interface QstatsOptions extends Where {
  /** Only those of this device. Default: of all that count. */
  readonly device?: DeviceSelector
}

const GET = NETDEV.commands.qstatsGet

/** Counters: `kernel.stats`. */
export class Stats {
  readonly #places: Places

  /** @internal */
  constructor(places: Places) {
    this.#places = places
  }

  /** Packets, bytes, errors and drops of a device. */
  link(device: DeviceSelector, where: Where = {}): Promise<LinkStats> {
    const op = `stats show ${deviceText(device)}`
    return this.#places.with(placeOf(device, where.in), async (scope) => {
      const { ifindex, attrs } = select(op, 'device', device)
      const [reply] = await scope.routeCall(RT_LINK.getlink, 0, { ifindex }, attrs, { op, signal: where.signal })
      return decodeLink(reply).attrs.stats64 as LinkStats
    })
  }

  /** What drivers count for devices as wholes. Rejects with KernelError EOPNOTSUPP for one that counts nothing (netkit). */
  devices(options: QstatsOptions = {}): Promise<DeviceQstats[]> {
    return this.#dump<DeviceQstats>(options, undefined)
  }

  /** What drivers count for each queue, of devices that are up. */
  queues(options: QstatsOptions = {}): Promise<QueueStats[]> {
    return this.#dump<QueueStats>(options, ['queue'])
  }

  /**
   * Bytes that the kernel has copied since it was started, by device of the namespace and reason: who says that he copies nothing
   * proves it by these. Without a device: for applications and sockets, of any namespace. Rejects with KernelError EOPNOTSUPP on
   * a kernel that does not count them, which Linux does not.
   */
  async copies(where: Where = {}): Promise<readonly CopyCount[]> {
    const { copies, kind } = this.#places.context.doors
    if (!copies) throw refused('stats copies', 'EOPNOTSUPP', `the ${kind} kernel does not count what it copies`)
    if (where.in === undefined) return await copies.read()
    return await this.#places.opened(where.in, ({ handle }) => copies.read(handle))
  }

  #dump<T extends NetdevQstats>(
    { device, signal, ...where }: QstatsOptions,
    scope: ['queue'] | undefined,
  ): Promise<T[]> {
    const op = device === undefined ? 'stats list' : `stats list ${deviceText(device)}`
    return this.#places.with(device === undefined ? where.in : placeOf(device, where.in), async (place) => {
      const ifindex = device === undefined ? undefined : await indexOf(place, op, device, signal)
      const replies = await place.dump(NETDEV, GET, { ifindex, scope }, { op, signal })
      return replies.map((reply) => genericAttrs(GET.attrs, reply) as T)
    })
  }
}
