import type { ExtensionName } from '@netkit/netlink'
import type { UserNamespace } from '../access/user-namespace.ts'
import type { Release } from '../release/release.ts'
import type { World } from '../world.ts'
import type { Announcer } from './announcer.ts'
import type { Device } from './device.ts'
import type { DevmemTable } from './devmem-table.ts'
import type { DeviceEvent, DriverHooks } from './driver.ts'
import type { IpHooks } from './ip-hooks.ts'
import type { LinkWatch } from './linkwatch.ts'
import type { Listener } from './listener.ts'
import type { NetNamespace } from './namespace.ts'
import type { NapiTable } from './napi.ts'
import type { NeighbourTable } from './neighbour-table.ts'
import type { NetlinkFaults } from './netlink-faults.ts'
import type { PagePoolTable } from './page-pool-table.ts'
import type { PacketPath } from './path.ts'
import type { Poller } from './poller.ts'
import type { Process } from './process.ts'
import type { Request } from './request.ts'

/** Drivers by the kind of their devices. */
export interface Drivers {
  byKind(kind: string): DriverHooks | undefined
  /** Tells drivers what happened to a device. They put devices that must go along on the list. */
  tell(kernel: Core, dev: Device, event: DeviceEvent, doomed: Device[]): void
}

/** The kernel as its parts see it. */
export interface Core {
  readonly world: World
  /** The Linux that it answers as. */
  readonly release: Release
  /** What it does beyond that. */
  readonly extensions: ReadonlySet<ExtensionName>
  readonly initialUserNs: UserNamespace
  readonly initialNs: NetNamespace
  readonly namespaces: ReadonlySet<NetNamespace>
  readonly processes: ReadonlyMap<number, Process>
  readonly drivers: Drivers
  readonly linkWatch: LinkWatch
  readonly announce: Announcer
  readonly ip: IpHooks
  /** Neighbours of IPv4 or IPv6, of all namespaces. */
  neighbours(v6: boolean): NeighbourTable
  readonly napis: NapiTable
  readonly pagePools: PagePoolTable
  /** Dma-bufs that are bound to devices. */
  readonly devmem: DevmemTable
  readonly path: PacketPath & {
    flush(dev: Device): void
    forget(dev: Device): void
    /** What is copied from now on is counted at a device, or at none. */
    copiesAt(dev: Device | undefined): void
    /** Has something polled soon. */
    schedule(poller: Poller): void
  }
  /** AF_XDP sockets; a device that goes unbinds those that are bound to it. */
  readonly xsk: { deviceGone(dev: Device): void }
  /** What is to go wrong with netlink. */
  readonly faults: NetlinkFaults
  /** Grows whenever anything that a client could see later is changed. */
  changes: number

  /** Handles one request message; 0 or a negative errno. */
  handle(req: Request, protocol: number): number
  /** After each request: what was put off until now happens, in order. */
  afterRequest(): void
  afterSocketClosed(socket: Listener): void
  hasGroup(protocol: number, group: number): boolean
  addListener(socket: Listener & { readonly listenAllNsid: boolean }, key: number): void
  dropListener(socket: Listener, key: number): void
  hearsAll(key: number): boolean
  listenersEverywhere(key: number): Iterable<Listener>
}
