import type { EthtoolHeader, RawAttr } from '@netkit/netlink'
import type { Device } from '../devices/device.ts'
import type { Address } from '../ip/addresses.ts'
import type { Route } from '../ip/routes.ts'
import type { PagePool } from '../netdev/page-pools.ts'
import type { XdpFeatures } from '../netdev/xdp.ts'
import type { NamespaceTarget } from '../places/namespace.ts'

/** What every event tells about where it comes from. */
export interface EventOrigin {
  /** The namespace that was listened to, as it was asked for; absent: the client's own. */
  readonly namespace: NamespaceTarget | undefined
  /** When all namespaces are heard: the id of the one that it comes from, if it is another. */
  readonly netnsid: number | undefined
}

/** What every event that is a message tells besides. */
export interface MessageOrigin extends EventOrigin {
  /** Port id of the socket whose request caused it, if that asked for an echo; else 0. */
  readonly portId: number
  readonly seq: number
  /** The message as it came. */
  readonly bytes: Uint8Array
}

/** A device came, or changed. */
export interface NewLinkEvent extends MessageOrigin {
  readonly type: 'newlink'
  readonly device: Device
  /** It is new in this namespace. */
  readonly created: boolean
  /** Flags that changed, IFF_*. */
  readonly change: number
}

/** A device went. */
export interface DelLinkEvent extends MessageOrigin {
  readonly type: 'dellink'
  readonly device: Device
  /** Where to, if it was moved: id of the namespace, and its ifindex there. */
  readonly movedTo: { readonly netnsid: number; readonly ifindex: number } | undefined
}

/** Group `address`: a device got an address or what is known of it changed, or it lost one. */
export interface AddressEvent extends MessageOrigin {
  readonly type: 'newaddr' | 'deladdr'
  readonly address: Address
}

/** Group `route`: a route came or went. IPv4 does not tell of routes that go with a device. */
export interface RouteEvent extends MessageOrigin {
  readonly type: 'newroute' | 'delroute'
  readonly route: Route
}

/** A namespace got an id, or lost it because it is gone. */
export interface NsidEvent extends MessageOrigin {
  readonly type: 'newnsid' | 'delnsid'
  readonly nsid: number
}

/** Group `mgmt` of family netdev: a device came or went, or its XDP features changed. */
export interface DevEvent extends MessageOrigin {
  readonly type: 'dev-add' | 'dev-del' | 'dev-change'
  readonly features: XdpFeatures
}

/** Group `page-pool` of family netdev. */
export interface PagePoolEvent extends MessageOrigin {
  readonly type: 'page-pool-add' | 'page-pool-del' | 'page-pool-change'
  readonly pool: PagePool
}

/** Group `monitor` of family ethtool: settings of a device changed. */
export interface EthtoolEvent extends MessageOrigin {
  readonly type: 'ethtool'
  /** What changed, as the command is called: `channels`, `rings`, `features`, `rss`. */
  readonly what: string
  readonly settings: { readonly header?: EthtoolHeader; readonly rest?: readonly RawAttr[] } & Readonly<
    Record<string, unknown>
  >
}

/** Messages were lost because they were not read quickly enough: what is known may be out of date. */
export interface LostEvent extends EventOrigin {
  readonly type: 'lost'
}

/** A message that is not known here, or not what its table says. */
export interface UnknownEvent extends MessageOrigin {
  readonly type: 'unknown'
  readonly protocol: number
  /** Why it could not be read, if it should have been. */
  readonly error: unknown
}

export type KernelEvent =
  | NewLinkEvent
  | DelLinkEvent
  | NsidEvent
  | AddressEvent
  | RouteEvent
  | DevEvent
  | PagePoolEvent
  | EthtoolEvent
  | LostEvent
  | UnknownEvent
