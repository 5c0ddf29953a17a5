import { NETDEV, NETDEV_NAPI, type NetdevNapi } from '@netkit/netlink'
import { indexOf } from '../devices/look.ts'
import { type DeviceSelector, deviceText, placeOf } from '../devices/selector.ts'
import { checkAttrs } from '../input/check.ts'
import type { Where } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import { genericAttrs } from '../request/message.ts'

/** What polls a queue. Timeouts in nanoseconds. */
export type Napi = NetdevNapi & { id: number; ifindex: number }

/** What can be set on a NAPI instance. */
export type NapiSettings = Pick<NetdevNapi, 'deferHardIrqs' | 'groFlushTimeout' | 'irqSuspendTimeout' | 'threaded'>

const { napiGet: GET, napiSet: SET } = NETDEV.commands

/** NAPI instances: `kernel.napis`. Devices that are down, and netkit devices, have none. */
export class Napis {
  readonly #places: Places

  /** @internal */
  constructor(places: Places) {
    this.#places = places
  }

  /** One instance. Rejects with KernelError ENOENT if there is none in this namespace. */
  get(id: number, where: Where = {}): Promise<Napi> {
    const op = `napi show ${id}`
    return this.#places.with(where.in, async (scope) => {
      const [reply] = await scope.call(NETDEV, GET, { id }, { op, signal: where.signal })
      return genericAttrs(GET.attrs, reply) as Napi
    })
  }

  /** All instances, of one device or of all. */
  list(options: Where & { readonly device?: DeviceSelector } = {}): Promise<Napi[]> {
    const { device, signal } = options
    const op = device === undefined ? 'napi list' : `napi list ${deviceText(device)}`
    return this.#places.with(device === undefined ? options.in : placeOf(device, options.in), async (scope) => {
      const ifindex = device === undefined ? undefined : await indexOf(scope, op, device, signal)
      const replies = await scope.dump(NETDEV, GET, { ifindex }, { op, signal })
      return replies.map((reply) => genericAttrs(GET.attrs, reply) as Napi)
    })
  }

  /** Sets what is given. Needs CAP_NET_ADMIN in the initial user namespace (EPERM). */
  async set(id: number, settings: NapiSettings, where: Where = {}): Promise<void> {
    const op = `napi set ${id}`
    checkAttrs(op, '', NETDEV_NAPI, settings, 'change')
    await this.#places.with(where.in, (scope) =>
      scope.call(NETDEV, SET, { id, ...settings }, { op, signal: where.signal }),
    )
  }
}
