import { NETDEV, type NetdevDev } from '@netkit/netlink'
import { indexOf } from '../devices/look.ts'
import { type DeviceSelector, deviceText, placeOf } from '../devices/selector.ts'
import type { Where } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import { genericAttrs } from '../request/message.ts'

/** What a device can do with XDP programs and AF_XDP sockets. */
export type XdpFeatures = NetdevDev & { ifindex: number }

const GET = NETDEV.commands.devGet

/** XDP features of devices: `kernel.xdp`. */
export class Xdp {
  readonly #places: Places

  /** @internal */
  constructor(places: Places) {
    this.#places = places
  }

  /** Those of one device. Rejects with KernelError ENODEV if there is none. */
  get(device: DeviceSelector, where: Where = {}): Promise<XdpFeatures> {
    const op = `xdp show ${deviceText(device)}`
    return this.#places.with(placeOf(device, where.in), async (scope) => {
      const ifindex = await indexOf(scope, op, device, where.signal)
      const [reply] = await scope.call(NETDEV, GET, { ifindex }, { op, signal: where.signal })
      return genericAttrs(GET.attrs, reply) as XdpFeatures
    })
  }

  /** Those of all devices. */
  list(where: Where = {}): Promise<XdpFeatures[]> {
    return this.#places.with(where.in, async (scope) => {
      const replies = await scope.dump(NETDEV, GET, {}, { op: 'xdp list', signal: where.signal })
      return replies.map((reply) => genericAttrs(GET.attrs, reply) as XdpFeatures)
    })
  }
}
