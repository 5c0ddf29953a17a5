import type { DeviceAttrs, LinkMessage } from '../devices/decode.ts'
import type { Devices } from '../devices/devices.ts'
import { type DeviceSelector, placeOf } from '../devices/selector.ts'
import type { KnownNamespace } from '../leases/lease.ts'
import type { Namespace, NamespaceTarget, Where } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import type { LostDevice, RemovalReport } from './report.ts'
import { isPair, type Spot, Survey } from './survey.ts'

const LOOPBACK = 772

/**
 * What a removal takes along: `kernel.removal`. Asked beforehand: afterwards nobody knows. What the client may not look at is
 * missing, and so are leases of NICs that are down, of which kernels do not tell. Source: spec 01 §2.13, §3.11, §3.12, §5.3.
 */
export class Removal {
  readonly #places: Places
  readonly #devices: Devices

  /** @internal */
  constructor(places: Places, devices: Devices) {
    this.#places = places
    this.#devices = devices
  }

  /** Of a device: the other end of a pair; of a NIC whatever leases its queues. KernelError ENODEV if there is none. */
  ofDevice(selector: DeviceSelector, where: Where = {}): Promise<RemovalReport> {
    return this.#places.opened(placeOf(selector, where.in), async (base) => {
      const { ifindex } = await this.#devices.get(selector, { in: base, stats: false })
      return await new Loss(this.#places, base).of([ifindex])
    })
  }

  /** Of all devices of a group. */
  ofGroup(group: number, where: Where = {}): Promise<RemovalReport> {
    return this.#places.opened(where.in, async (base) => {
      const all = await this.#devices.list({ in: base })
      return await new Loss(this.#places, base).of(all.filter((d) => d.attrs.group === group).map((d) => d.ifindex))
    })
  }

  /** Of a namespace, if nothing else holds it: a process, somebody who has it open. */
  ofNamespace(target: NamespaceTarget): Promise<RemovalReport> {
    return this.#places.opened(target, async (base) => {
      const all = (await this.#devices.list({ in: base })).filter((d) => d.type !== LOOPBACK)
      const virtual = all.filter((d) => d.kind !== undefined)
      const loss = new Loss(this.#places, base)
      for (const device of virtual) await loss.add(device.ifindex, device.name, 'namespace', base.name ?? '')
      const report = await loss.of(virtual.map((d) => d.ifindex))
      return { ...report, returned: all.filter((d) => d.kind === undefined).map((d) => d.name) }
    })
  }
}

const key = ({ ifindex, netnsid }: Spot): string => `${netnsid ?? ''}/${ifindex}`

const sameNamespace = (a: KnownNamespace, b: KnownNamespace): boolean =>
  (a.current && b.current) ||
  (a.name === undefined && b.name === undefined
    ? a.netnsid === b.netnsid && a.current === b.current
    : a.name === b.name)

/** What goes, found from what is removed on. */
class Loss {
  readonly #survey: Survey
  readonly #gone = new Map<string, Spot & { readonly mayLease: boolean }>()
  readonly #lost: LostDevice[] = []

  constructor(places: Places, base: Namespace) {
    this.#survey = new Survey(places, base)
  }

  async of(ifindexes: readonly number[]): Promise<RemovalReport> {
    const removed: LinkMessage[] = []
    for (const ifindex of ifindexes) {
      const device = await this.#survey.device({ ifindex, netnsid: undefined })
      if (!device) continue
      const { linkinfo, numRxQueues = 1 } = device.attrs
      this.#goes({ ifindex, netnsid: undefined }, linkinfo?.kind === 'netkit' && numRxQueues > 1)
      removed.push(device)
    }
    for (const { ifindex, attrs } of removed) {
      await this.#peerOf(attrs, undefined)
      if (attrs.parentDevName === undefined) continue
      for (const lessee of await this.#survey.lesseesOf(ifindex)) {
        const name = await this.#loses(lessee, 'lessee', attrs.ifname, true)
        await this.#peerOfLessee(lessee, name)
      }
    }
    return { devices: this.#lost, leases: await this.#leases(), returned: [] }
  }

  async add(ifindex: number, name: string, because: LostDevice['because'], of: string): Promise<void> {
    this.#lost.push({ ifindex, name, namespace: await this.#survey.namespace(undefined), because, of })
  }

  #goes(spot: Spot, mayLease: boolean): void {
    this.#gone.set(key(spot), { ...spot, mayLease })
  }

  /** Notes a device that goes along, once. Resolves with its name. */
  async #loses(spot: Spot, because: LostDevice['because'], of = '', isNetkit = false): Promise<string | undefined> {
    const { name, numRxQueues = Number.POSITIVE_INFINITY } = await this.#survey.brief(spot)
    if (this.#gone.has(key(spot))) return name
    this.#goes(spot, isNetkit && numRxQueues > 1)
    this.#lost.push({ ifindex: spot.ifindex, name, namespace: await this.#survey.namespace(spot.netnsid), because, of })
    return name
  }

  /** The other end of a device, which is in the namespace `netnsid` unless it says otherwise. */
  async #peerOf(attrs: DeviceAttrs, netnsid: number | undefined): Promise<void> {
    const { link = 0, linkNetnsid, linkinfo, ifname } = attrs
    if (!isPair(attrs)) return
    await this.#loses({ ifindex: link, netnsid: linkNetnsid ?? netnsid }, 'peer', ifname, linkinfo?.kind === 'netkit')
  }

  async #peerOfLessee(lessee: Spot, name: string | undefined): Promise<void> {
    const peer = await this.#survey.peerHere(lessee)
    if (peer) {
      await this.#loses({ ifindex: peer.ifindex, netnsid: undefined }, 'peer', name, true)
      return
    }
    const device = await this.#survey.device(lessee)
    if (device) await this.#peerOf(device.attrs, lessee.netnsid)
  }

  async #leases(): Promise<RemovalReport['leases']> {
    const lessees = [...this.#gone.values()].filter((spot) => spot.mayLease)
    if (lessees.length === 0) return []
    const places = await Promise.all(lessees.map(({ netnsid }) => this.#survey.namespace(netnsid)))
    const isGone = (ifindex: number, namespace: KnownNamespace) =>
      lessees.some((spot, i) => spot.ifindex === ifindex && sameNamespace(places[i], namespace))
    return (await this.#survey.leases()).filter(({ lessee }) => isGone(lessee.ifindex, lessee.namespace))
  }
}
