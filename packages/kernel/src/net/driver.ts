import type { PolicyTable, Writer } from '@netkit/netlink'
import type { Release } from '../release/release.ts'
import type { Core } from './core.ts'
import type { Device } from './device.ts'
import type { EthtoolHooks } from './ethtool.ts'
import type { Features } from './features.ts'
import type { LinkRequest } from './link-request.ts'
import type { NetNamespace } from './namespace.ts'
import type { Transmit } from './path.ts'
import type { RxQueue } from './queue.ts'
import type { QueueManagement } from './queue-management.ts'
import type { QueueStatsHooks } from './queue-stats.ts'
import type { Request } from './request.ts'
import type { XdpHooks } from './xdp.ts'
import type { XskHooks } from './xsk.ts'

/** What happens to devices that others may react to. Source: spec 01 §2.14, §3.12. */
export type DeviceEvent = 'registered' | 'unregistering' | 'left' | 'arrived' | 'features'

/** `dma`: the device fetches it itself. `pass`: it hands it on as it is. */
export type NetmemTx = 'dma' | 'pass'

/**
 * How a kind of device is made, changed, shown and taken down. All hooks return 0 or a negative errno where they return a
 * number. The core finds a driver by its kind and calls hooks; a driver knows the rest only through devices.
 */
export interface DriverHooks {
  /** Kind in IFLA_INFO_KIND; absent: no such device is made by rtnetlink, and messages show no kind. */
  readonly kind?: string
  /** Name of the driver as ethtool reports it. */
  readonly driverName?: string
  /** Template for a name that is not given. */
  readonly nameTemplate: string
  /** What is checked of IFLA_INFO_DATA. */
  readonly policy?: PolicyTable
  /** Text and errno of a kind that exists but cannot be made by rtnetlink. */
  readonly createRefused?: string
  /** Limits on the queues that can be asked for at creation. */
  readonly maxTxQueues?: number
  readonly maxRxQueues?: number

  /** State that belongs to the driver, for `Device.priv`. */
  makePriv?(kernel: Core): unknown
  /** Sets the constants of a new device: MTU limits, flags, features. */
  setup(dev: Device, release: Release): void
  /** Checks link attributes before anything is looked up. Runs for modifications too. */
  validate?(link: LinkRequest, req: Request): number
  /** Id, in IFLA_INFO_DATA, of the link message that describes the peer: of kinds whose devices come in pairs. */
  readonly peerAttr?: number
  /** Registers what was asked for. `dev` is set up and has the common attributes. */
  newlink(kernel: Core, dev: Device, link: LinkRequest, req: Request): number
  /** Changes what IFLA_INFO_DATA says. Absent: the kind cannot be changed. */
  changelink?(kernel: Core, dev: Device, link: LinkRequest, req: Request): number
  /** Puts `dev`, and what goes with it, on the list of devices to take down. Absent: it cannot be deleted by rtnetlink. */
  dellink?(dev: Device, doomed: Device[]): void
  /** Last chance of a device that is taken down, before its RTM_DELLINK is sent but after it was built. */
  uninit?(kernel: Core, dev: Device): void

  /** Writes the content of IFLA_INFO_DATA. */
  fillInfo?(dev: Device, w: Writer): void
  /** Writes IFLA_INFO_XSTATS, if the device has one. */
  fillXstats?(dev: Device, w: Writer): void
  iflink?(dev: Device): number
  linkNs?(dev: Device): NetNamespace
  /** Name of the port, id of the switch, place in devlink: of physical devices. */
  physPortName?(dev: Device): string | undefined
  physSwitchId?(dev: Device): Uint8Array | undefined
  fillDevlinkPort?(dev: Device, w: Writer): void
  /**
   * The device that runs the netkit programs of this one, or those of its peer; a negative errno where it has none. Absent:
   * not a netkit device (ENXIO). Source: spec 02 §2.4, steps 8 to 10.
   */
  netkitRunner?(dev: Device, peer: boolean): Device | number
  /**
   * Whether XDP programs can look at what applications send by its leased queues, and at what its own stack sends: 0 or a negative
   * errno. Absent: not a netkit device (ENXIO). Source: spec 03 §8.3, rows 4 and 5.
   */
  takesXdpHooks?(dev: Device): number
  /** The other end of a pair: where `redirect_peer` has packets received. Absent: the device has none. */
  peer?(dev: Device): Device | undefined
  /** Virtual functions: how many the device has. */
  fillVirtualFunctions?(dev: Device, w: Writer): void

  /** Sends packets. Absent: the device cannot. */
  readonly transmit?: Transmit
  open?(kernel: Core, dev: Device): number
  stop?(kernel: Core, dev: Device): void
  /** Absent: the address cannot be set. */
  setAddress?(dev: Device, address: Uint8Array): number
  /** Is changed under a lock of its own, also without queue management. */
  readonly ownLock?: boolean
  /** The carrier can be switched by request. */
  readonly settableCarrier?: boolean
  changeMtu?(dev: Device, mtu: number): number
  /** A device anywhere was registered, unregistered or moved. */
  onDeviceEvent?(kernel: Core, dev: Device, event: DeviceEvent, doomed: Device[]): void

  /** Adds a receive queue for a lease; returns its index or a negative errno. Absent: the device cannot. Source: spec 01 §4.4. */
  createQueue?(dev: Device, req: Request): number
  /** Its queues can be restarted one by one, leased, and given a memory provider. */
  readonly queueManagement?: QueueManagement
  /** A lease of one of its queues begins or ends. */
  onLease?(queue: RxQueue): void

  /** What becomes of packets with memory that cannot be read when they are sent. Absent: they are dropped. Source: spec 03 §2.9. */
  readonly netmemTx?: NetmemTx
  /** What memory must be mapped for that a receive queue uses; the same object for queues that can share it. */
  dmaDevice?(dev: Device, queue: number): object | undefined

  /** Offloads of a new device. Absent: none, and none can be switched. */
  readonly features?: Features
  /** Users have switched offloads of a device; nobody was told yet. */
  featuresChanged?(kernel: Core, dev: Device): void
  /** Absent: it runs no XDP programs; any device runs them in skb mode. */
  readonly xdp?: XdpHooks
  /** Absent: AF_XDP sockets on it are in copy mode. */
  readonly xsk?: XskHooks
  readonly ethtool?: EthtoolHooks
  readonly queueStats?: QueueStatsHooks
}
