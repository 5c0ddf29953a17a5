import type { Release } from '../release/release.ts'
import type { Core } from './core.ts'
import type { Device } from './device.ts'
import type { Request } from './request.ts'

/** Channels by what they carry; `max` is what the hardware has. Source: spec 01 §4.11. */
export interface ChannelCounts {
  rx: number
  tx: number
  other: number
  combined: number
}
export interface Channels {
  readonly max: ChannelCounts
  readonly count: ChannelCounts
}

/** Sizes of descriptor rings, and how packets are laid out in them. Numbers of descriptors; 0: there is no such ring. */
export interface Rings {
  rx: number
  rxMini: number
  rxJumbo: number
  tx: number
  /** 0 as the device likes, 1 off, 2 on, as it was asked for. */
  tcpDataSplit: number
  /** Bytes up to which a packet is not split. */
  hdsThresh: number
}
export interface RingLimits extends Omit<Rings, 'tcpDataSplit'> {
  /** What a device that splits as it likes reports. */
  readonly tcpDataSplitDefault: number
}

/** Settings of rings that a driver may support besides the sizes. */
export type RingOption = 'rxBufLen' | 'tcpDataSplit' | 'hdsThresh' | 'cqeSize' | 'txPush' | 'rxPush' | 'txPushBufLen'

/** Receive side scaling of one context. */
export interface RssState {
  /** Bit of the hash function. */
  readonly hfunc: number
  /** Queue by the low bits of the hash. */
  readonly indir: Uint32Array
  readonly key: Uint8Array
  /** Whether a user has set the table. Until then it follows the number of queues. */
  readonly indirConfigured: boolean
}

/** A change to it; what is absent stays. `indir` null: back to the default table. */
export interface RssChange {
  readonly hfunc?: number
  readonly indir?: readonly number[] | null
  readonly key?: Uint8Array
}

/** Pause frames: 1 if they are negotiated, obeyed, sent. */
export interface PauseFrames {
  autoneg: number
  rx: number
  tx: number
}

/** Pause frames that were counted. */
export interface PauseCounters {
  readonly tx: number
  readonly rx: number
}

/** Forward error correction: encodings as bits of link modes, and whether the device chooses. */
export interface FecState {
  modes: bigint
  auto: boolean
}

export interface FecCounters {
  readonly corrected: number
  readonly uncorrectable: number
  /** Blocks by how many errors they had. */
  readonly histogram: readonly { low: number; high: number; count: number; lanes?: readonly number[] }[]
}

/** What ethtool can ask of a driver. What is absent, the device does not support. Functions return 0 or a negative errno. */
export interface EthtoolHooks {
  readonly channels?: {
    get(dev: Device): Channels
    /** The counts have been checked against everything but the driver's own limits. */
    set?(kernel: Core, dev: Device, count: ChannelCounts, req: Request | undefined): number
  }
  readonly rings?: {
    supported(dev: Device): ReadonlySet<RingOption>
    get(dev: Device): Rings
    limits(dev: Device): RingLimits
    set?(kernel: Core, dev: Device, rings: Rings): number
  }
  readonly rss?: {
    get(dev: Device): RssState
    set?(kernel: Core, dev: Device, change: RssChange, req: Request): number
  }
  /** How interrupts wait, by id of the attribute. */
  readonly coalesce?: {
    get(dev: Device): Uint32Array
    set(dev: Device, settings: Uint32Array): void
  }
  readonly pause?: {
    get(dev: Device): PauseFrames
    set(dev: Device, settings: PauseFrames): number
    counters(dev: Device): PauseCounters
  }
  readonly fec?: {
    get(dev: Device): FecState
    set(dev: Device, state: FecState): void
    counters(dev: Device): FecCounters
  }
  /** The highest queue that a steering rule of the device leads to; -1 if there is none. */
  maxSteeredQueue?(dev: Device): number
  /** Commands that Linux has no netlink for, carried out in place. */
  ioctl?(kernel: Core, dev: Device, command: Uint8Array): number
  /** Mbit/s, of devices that tell one. */
  readonly speed?: number
  /** How many ports of tunnels of which types the device can be told. */
  readonly tunnelPorts?: readonly { readonly size: number; readonly types: readonly string[] }[]
  /** The driver tells of timestamps: that the kernel makes them when it receives, or also when it sends. */
  readonly timestamps?: 'receiving' | 'sending'
  /** Whether there is a link, for devices that can tell. */
  link?(dev: Device): boolean
  /** Names of the device's own counters, tests and flags, by number of the string set. */
  strings?(dev: Device, set: number, release: Release): readonly string[]
}
