import { NETDEV, type NetdevQueue, RT_LINK } from '@netkit/netlink'
import { type DeviceAttrs, decodeLink, type LinkMessage } from '../devices/decode.ts'
import type { KnownNamespace, Lease } from '../leases/lease.ts'
import { leasesEverywhere } from '../leases/list.ts'
import { DeviceNames, idOf, type Labelled, orNothing } from '../leases/resolve.ts'
import type { Namespace } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import type { Reply } from '../request/exchange.ts'
import { genericAttrs } from '../request/message.ts'

const GET = NETDEV.commands.queueGet
const PAIRS: readonly (string | undefined)[] = ['netkit', 'veth']

/** Whether a device has another end. */
export const isPair = ({ link, linkinfo }: DeviceAttrs): boolean => Boolean(link) && PAIRS.includes(linkinfo?.kind)

/** A device as the namespace knows it in which a removal acts. `netnsid`: where it is, absent: in the same. */
export interface Spot {
  readonly ifindex: number
  readonly netnsid: number | undefined
}

/** Looks around from one namespace: at devices in all others, and at leases. */
export class Survey {
  readonly #places: Places
  readonly #base: Namespace
  readonly #labels = new Map<number, Labelled>()
  #unseen: (string | undefined)[] | undefined
  #links: Promise<readonly Reply[]> | undefined

  constructor(places: Places, base: Namespace) {
    this.#places = places
    this.#base = base
  }

  /** A device; undefined where the client may not look, or if it is gone meanwhile. */
  async device({ ifindex, netnsid }: Spot): Promise<LinkMessage | undefined> {
    const attrs = { targetNetnsid: netnsid, extMask: ['skipStats'] }
    const replies = await orNothing(
      this.#base.scope.routeCall(RT_LINK.getlink, 0, { ifindex }, attrs, { op: `device show #${ifindex}` }),
    )
    return replies && decodeLink(replies[0])
  }

  /**
   * The name of a device, and how many receive queues it has room for. It is asked for where the device is, if that
   * namespace can be found: who asks from elsewhere gets an id for the own namespace, and can be told the name alone.
   */
  async brief({ ifindex, netnsid }: Spot): Promise<{ readonly name?: string; readonly numRxQueues?: number }> {
    const { name, current } = await this.namespace(netnsid)
    if (netnsid !== undefined && name === undefined && !current)
      return { name: await new DeviceNames(this.#base.scope).of(ifindex, netnsid, undefined) }
    const place = netnsid === undefined ? this.#base : name
    const attrs = { extMask: ['skipStats'] }
    const replies = await this.#places.with(place, (scope) =>
      orNothing(scope.routeCall(RT_LINK.getlink, 0, { ifindex }, attrs, { op: `device show #${ifindex}` })),
    )
    const found = replies && decodeLink(replies[0]).attrs
    return { name: found?.ifname, numRxQueues: found?.numRxQueues }
  }

  /** The device of this namespace whose other end that is. */
  async peerHere({ ifindex, netnsid }: Spot): Promise<LinkMessage | undefined> {
    this.#links ??= this.#base.scope.routeDump(RT_LINK.getlink, {}, { extMask: ['skipStats'] }, { op: 'device list' })
    const links = (await this.#links).map(decodeLink)
    return links.find(({ attrs }) => isPair(attrs) && attrs.link === ifindex && attrs.linkNetnsid === netnsid)
  }

  /** Devices of this namespace that lease queues of a device in it. */
  async lesseesOf(ifindex: number): Promise<Spot[]> {
    const replies = await orNothing(this.#base.scope.dump(NETDEV, GET, { ifindex }, { op: 'lease list' }))
    return (replies ?? [])
      .map((reply): NetdevQueue => genericAttrs(GET.attrs, reply))
      .flatMap(({ lease }) => (lease?.ifindex ? [{ ifindex: lease.ifindex, netnsid: lease.netnsId }] : []))
  }

  /** All leases that there are, as far as the client may look. */
  async leases(): Promise<Lease[]> {
    return (await orNothing(leasesEverywhere(this.#places, undefined))) ?? []
  }

  /** How a namespace is called. */
  async namespace(netnsid: number | undefined): Promise<KnownNamespace> {
    const { name, isOwn } = this.#base
    const label = netnsid === undefined ? { name, current: isOwn } : await this.#labelOf(netnsid)
    return { name: undefined, current: false, ...label, netnsid }
  }

  /** Looks at one namespace after the other, the client's own first, until one has that id. */
  async #labelOf(netnsid: number): Promise<Labelled | undefined> {
    this.#unseen ??= [undefined, ...(await this.#places.context.doors.namespaces.list())]
    while (!this.#labels.has(netnsid) && this.#unseen.length > 0) {
      const name = this.#unseen.shift()
      const id = await orNothing(this.#places.opened(name, (namespace) => idOf(this.#base.scope, namespace, undefined)))
      if (id !== undefined && !this.#labels.has(id)) this.#labels.set(id, { name, current: name === undefined })
    }
    return this.#labels.get(netnsid)
  }
}
