import { IF_OPER_DOWN, IFF_UP } from '@netkit/netlink'
import type { DeviceCounters } from './counters.ts'
import { makeCounters } from './counters.ts'
import type { DevicePrograms } from './device-programs.ts'
import type { DriverHooks } from './driver.ts'
import type { FeatureSwitches } from './features.ts'
import type { InetState } from './inet.ts'
import type { NetNamespace } from './namespace.ts'
import type { Napi } from './napi.ts'
import type { PagePool } from './page-pool.ts'
import { RxQueue } from './queue.ts'
import type { DeviceXdp } from './xdp.ts'

export const UNINITIALIZED = 0
export const REGISTERED = 1
export const UNREGISTERING = 2
export const UNREGISTERED = 3

/** `txOffloads` of a device whose offloads have changed since it was last asked. */
export const TX_UNKNOWN = -2

/** A physical device's place in the machine. Devices without one are virtual. */
export interface ParentDevice {
  readonly name: string
  readonly bus: string
}

/** Addresses are replaced, never written to, so that devices can share them. */
const ZERO_ADDRESS = new Uint8Array(6)

/** A network device. What only one kind of device has is in `priv`, which belongs to its driver. */
export class Device {
  readonly driver: DriverHooks
  ns: NetNamespace
  name: string
  ifindex = 0
  /** ARP hardware type. */
  type = 1
  addressLength = 6
  address: Uint8Array
  broadcast: Uint8Array
  permanentAddress: Uint8Array | undefined
  /** IFF_* as stored; what is reported adds the running state, see `reportedFlags`. */
  flags = 0
  /** PROMISC and ALLMULTI as users asked for them. */
  userFlags = 0
  promiscuity = 0
  allmulti = 0
  mtu = 1500
  minMtu = 68
  /** 0: no limit. */
  maxMtu = 65535
  txqlen = 1000
  group = 0
  linkMode = 0
  /** RFC 2863 state as stored; what is reported is DOWN while the device is not running. */
  operstate = 0
  carrier = true
  carrierUpCount = 0
  carrierDownCount = 0
  linkEventPending = false
  dormant = false
  alias = ''
  altNames: string[] | undefined
  gsoMaxSegs = 65535
  gsoMaxSize = 65536
  groMaxSize = 65536
  gsoIpv4MaxSize = 65536
  groIpv4MaxSize = 65536
  tsoMaxSize = 65536
  tsoMaxSegs = 65535
  neededHeadroom = 0
  neededTailroom = 0
  /** Queues made at creation, and those in use. */
  numTxQueues = 1
  numRxQueues = 1
  realTxQueues = 1
  realRxQueues = 1
  #rxQueues: RxQueue[] | undefined
  qdisc = 'noop'
  /** Name of the qdisc that the first UP attaches. */
  defaultQdisc = 'noqueue'
  netnsImmutable = false
  masterIfindex = 0
  parent: ParentDevice | undefined
  state: number = UNINITIALIZED
  /** In the middle of a move between namespaces. */
  moving = false
  /** Made through rtnetlink and not announced yet: registration does not announce it, its configuration does. */
  announceLater = false
  /** What the netdev family tells of it: XDP actions, hints for programs, AF_XDP offloads, fragments of a zero-copy packet. */
  xdpFeatures = 0
  xdpRxMetadata = 0
  xskFeatures = 0
  xdpZcMaxSegs = 1
  /** Those that are enabled, and those that exist: of devices that ever had any. Oldest first. */
  napis: Napi[] | undefined
  pagePools: PagePool[] | undefined
  /** What users have switched; undefined as long as it is as the driver made it. */
  featureSwitches: FeatureSwitches | undefined
  /** Offloads of its driver that it does without for now. */
  withheldFeatures = 0n
  inet: InetState | undefined
  /** What it runs; undefined as long as nothing was attached. */
  programs: DevicePrograms | undefined
  /** The XDP programs that it runs; undefined as long as there never was one. */
  xdp: DeviceXdp | undefined
  readonly counters: DeviceCounters
  /** Under which packets know it; 0 until its first packet. */
  pathNumber = 0
  /** What it does itself for packets that it sends: see tx-offloads.ts. Found out with the first packet. */
  txOffloads = TX_UNKNOWN
  /** Whether segments that it receives are merged (rx-gro); undefined if that is to be found out. */
  mergesSegments: boolean | undefined
  /** The driver's own. */
  readonly priv: unknown

  constructor(driver: DriverHooks, ns: NetNamespace, name: string, priv: unknown) {
    this.driver = driver
    this.ns = ns
    this.name = name
    this.priv = priv
    this.address = ZERO_ADDRESS
    this.broadcast = ZERO_ADDRESS
    this.counters = makeCounters()
  }

  get up(): boolean {
    return (this.flags & IFF_UP) !== 0
  }

  get reportedOperstate(): number {
    return (this.flags & IFF_UP) !== 0 ? this.operstate : IF_OPER_DOWN
  }

  /** The receive queue `index`; undefined if the device was made with fewer. */
  rxQueue(index: number): RxQueue | undefined {
    if (index >= this.numRxQueues) return undefined
    this.#rxQueues ??= []
    this.#rxQueues[index] ??= new RxQueue(this, index)
    return this.#rxQueues[index]
  }

  /** The receive queue `index` if anything was ever bound to it. */
  boundRxQueue(index: number): RxQueue | undefined {
    return this.#rxQueues?.[index]
  }

  /** Ifindex of the device that it stands on or of its peer; its own if there is none. */
  get iflink(): number {
    return this.driver.iflink?.(this) ?? this.ifindex
  }

  /** The namespace that `iflink` counts in. */
  get linkNs(): NetNamespace {
    return this.driver.linkNs?.(this) ?? this.ns
  }
}
