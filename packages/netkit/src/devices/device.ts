import {
  Data,
  decodeAttrs,
  IFF_LOWER_UP,
  IFF_RUNNING,
  IFF_UP,
  type LinkInfo,
  NETKIT_XSTATS,
  type NetkitData,
  type NetkitXstats,
} from '@netkit/netlink'
import type { NamespaceTarget } from '../places/namespace.ts'
import type { Reply } from '../request/exchange.ts'
import { type AfSpec, type DeviceAttrs, decodeAfSpec, type LinkMessage } from './decode.ts'
import type { Devices } from './devices.ts'
import type { MoveOptions } from './move.ts'
import type { DeviceSettings, NetkitChange } from './options.ts'

/** The other end of a pair: its ifindex, and the id of its namespace if that is another one. */
export interface PeerLocation {
  readonly ifindex: number
  readonly netnsid: number | undefined
}

/**
 * A device as the kernel described it at one moment; `refresh` asks again. Names of attributes are those of the YNL specs
 * in camelCase, in `attrs`; what is used most has a property of its own.
 */
export class Device {
  readonly ifindex: number
  /** Hardware type, ARPHRD_*: 1 is Ethernet. */
  readonly type: number
  /** Flags as in the message, IFF_*. */
  readonly flags: number
  /** What the kernel told, unknown attributes included; the settings of address families are in `afSpec`. */
  readonly attrs: DeviceAttrs
  /** The namespace that it was found in, as it was asked for; absent: the client's own. */
  readonly namespace: NamespaceTarget | undefined
  readonly #devices: Devices
  readonly #source: Reply

  /** @internal */
  constructor(devices: Devices, namespace: NamespaceTarget | undefined, message: LinkMessage) {
    this.#devices = devices
    this.namespace = namespace
    this.ifindex = message.ifindex
    this.type = message.type
    this.flags = message.flags
    this.attrs = message.attrs
    this.#source = message.source
  }

  get name(): string {
    return this.attrs.ifname ?? ''
  }

  /** Alternative names. */
  get altnames(): readonly string[] {
    return this.attrs.propList?.altIfname ?? []
  }

  /** `netkit`, `veth`, …; absent of devices that are not made by software, and of loopback. */
  get kind(): string | undefined {
    return this.attrs.linkinfo?.kind
  }

  /** What is particular to its kind. */
  get data(): LinkInfo['data'] {
    return this.attrs.linkinfo?.data
  }

  /** The parameters of a netkit device; absent of other kinds. */
  get netkit(): NetkitData | undefined {
    const info = this.attrs.linkinfo
    return info?.kind === 'netkit' ? (info.data as NetkitData | undefined) : undefined
  }

  /** What programs of the extension `netkit-xdp` have decided there; absent where none has run. */
  get netkitXdp(): NetkitXstats | undefined {
    const info = this.attrs.linkinfo
    if (info?.kind !== 'netkit' || info.xstats === undefined) return undefined
    return decodeAttrs(NETKIT_XSTATS, new Data(info.xstats), 0, info.xstats.length)
  }

  /** Administratively up. */
  get up(): boolean {
    return (this.flags & IFF_UP) !== 0
  }

  /** Up and able to pass packets. */
  get running(): boolean {
    return (this.flags & IFF_RUNNING) !== 0
  }

  /** Has carrier. */
  get lowerUp(): boolean {
    return (this.flags & IFF_LOWER_UP) !== 0
  }

  /** Bytes. */
  get mtu(): number {
    return this.attrs.mtu ?? 0
  }

  /** Hardware address, `02:00:00:00:00:01`; absent of devices without one. */
  get address(): string | undefined {
    return this.attrs.address
  }

  get operstate(): DeviceAttrs['operstate'] {
    return this.attrs.operstate
  }

  get alias(): string | undefined {
    return this.attrs.ifalias
  }

  /** Counters, if they were asked for. */
  get stats(): DeviceAttrs['stats64'] {
    return this.attrs.stats64
  }

  /** Ifindex of the device that it is enslaved to. */
  get master(): number | undefined {
    return this.attrs.master
  }

  /** Where the other end is; absent of devices without one. */
  get peer(): PeerLocation | undefined {
    const { link, linkNetnsid } = this.attrs
    if (!link || (link === this.ifindex && linkNetnsid === undefined)) return undefined
    return { ifindex: link, netnsid: linkNetnsid }
  }

  /** Settings of IPv4 and IPv6, read from the message when they are asked for. */
  get afSpec(): AfSpec | undefined {
    return decodeAfSpec(this.#source)
  }

  /** The device as it is now. Rejects with KernelError ENODEV if it is gone. */
  refresh(): Promise<Device> {
    return this.#devices.get(this)
  }

  /** See `devices.set`. */
  set(settings: DeviceSettings): Promise<void> {
    return this.#devices.set(this, settings)
  }

  /** See `devices.change`. */
  change(data: NetkitChange): Promise<void> {
    return this.#devices.change(this, data)
  }

  /** See `devices.move`. */
  move(options: MoveOptions): Promise<Device> {
    return this.#devices.move(this, options)
  }

  /** See `devices.remove`. */
  remove(): Promise<void> {
    return this.#devices.remove(this)
  }
}
