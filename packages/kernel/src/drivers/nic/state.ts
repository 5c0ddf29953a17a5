import type { ImpairmentOptions, WireDirection } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { Rings } from '../../net/ethtool.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import type { Napi } from '../../net/napi.ts'
import type { RxLosses, Traffic } from '../../net/queue-stats.ts'
import type { XskPool } from '../../net/xsk.ts'
import type { NicPort } from './port.ts'
import type { RestartFault } from './restart-fault.ts'
import type { RingAbilities } from './rings.ts'
import { Rss } from './rss.ts'
import type { RxMemory } from './rx-memory.ts'
import { makeNicSettings, type NicSettings } from './settings.ts'
import { SteeringTable } from './steering.ts'
import { QueueSelector } from './steering-select.ts'

/** Instance number on its bus, number of its devlink instance, id of its switch, and the namespace that it was plugged in. */
export interface NicIdentity {
  readonly id: number
  readonly home: NetNamespace
  readonly devlink: number
  readonly switchId: Uint8Array
}

export type NicImpairments = { readonly [D in WireDirection]?: ImpairmentOptions & { readonly seed: number } }

/** What a NIC has of its own. */
export interface NicState extends NicIdentity {
  /** One a receive queue; they exist all the time and are enabled while the NIC is up. */
  readonly napis: Napi[]
  /** What each receive queue stands on while it runs. */
  readonly rx: (RxMemory | undefined)[]
  /** How restarts of queues are to fail. */
  faults: RestartFault[]
  rings: Rings
  ringAbilities: RingAbilities
  readonly settings: NicSettings
  /** What memory is mapped for that it receives into. */
  readonly dma: object
  /** Where its wire is plugged in. */
  port: NicPort | undefined
  /** What becomes of frames on its wire, whichever is plugged in. */
  impairments: NicImpairments
  /** Something is connected to it that has a link. */
  cable: boolean
  /** Which queue a received frame goes to: by its rules, else by the hash. */
  readonly rss: Rss
  readonly steering: SteeringTable
  readonly selector: QueueSelector
  /** Buffers of AF_XDP sockets, by queue, and how many there are. */
  readonly xskPools: (XskPool | undefined)[]
  xskCount: number
  /** What each queue has counted. */
  readonly rxTraffic: Traffic[]
  readonly txTraffic: Traffic[]
  readonly rxLosses: RxLosses[]
}

export const nicState = (dev: Device): NicState => dev.priv as NicState

const noLosses = (): RxLosses => ({ allocFail: 0, hwDrops: 0, hwDropOverruns: 0 })
const noTraffic = (): Traffic => ({ packets: 0, bytes: 0 })

/** `random`: for the key of the hash. */
export function makeNicState(
  identity: NicIdentity,
  queues: number,
  ringAbilities: RingAbilities,
  random: () => number,
): NicState {
  const rss = new Rss(random, queues)
  const steering = new SteeringTable()
  return {
    ...identity,
    napis: [],
    rx: [],
    faults: [],
    rings: { ...ringAbilities.initial },
    ringAbilities,
    settings: makeNicSettings(),
    dma: {},
    port: undefined,
    impairments: {},
    cable: false,
    rss,
    steering,
    selector: new QueueSelector(rss, steering),
    xskPools: Array.from({ length: queues }, () => undefined),
    xskCount: 0,
    rxTraffic: Array.from({ length: queues }, noTraffic),
    txTraffic: Array.from({ length: queues }, noTraffic),
    rxLosses: Array.from({ length: queues }, noLosses),
  }
}
