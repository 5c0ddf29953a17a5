import { NIC_MODELS, type NicModel } from '@netkit/netlink'
import { NIC_DRIVERS } from '../drivers/nic/nic.ts'
import { ringAbilities } from '../drivers/nic/rings.ts'
import { RxMemory } from '../drivers/nic/rx-memory.ts'
import type { NicSettings } from '../drivers/nic/settings.ts'
import { makeNicState, type NicImpairments, nicState } from '../drivers/nic/state.ts'
import type { FlowRule } from '../drivers/nic/steering-rule.ts'
import type { Kernel } from '../kernel.ts'
import { Device } from '../net/device.ts'
import type { Rings } from '../net/ethtool.ts'
import type { NetNamespace } from '../net/namespace.ts'
import { Napi } from '../net/napi.ts'
import type { Keeper } from './keeper.ts'
import { type Fields, fieldsToPlain, fillFields } from './plain.ts'

/** What is kept of a NIC besides what all devices have. Its wire is kept elsewhere; what it counted is not. */
interface KeptState {
  readonly id: number
  readonly devlink: number
  readonly switchId: Uint8Array
  readonly home: NetNamespace
  readonly rings: Rings
  readonly settings: NicSettings
  readonly cable: boolean
  readonly impairments: NicImpairments
  readonly key: Uint8Array
  /** The indirection table, if a user set it. */
  readonly table: readonly number[] | undefined
  /** Flow types, a bit each, whose ports count for the hash. */
  readonly hashedPorts: number
  readonly rules: readonly FlowRule[]
  /** Settings of the NAPI instances, by queue, and the queues of those that are enabled, oldest first. */
  readonly napis: readonly Fields[]
  readonly enabled: readonly number[]
  /** Ids of the page pools, by queue; none while the NIC is down. */
  readonly pools: readonly number[]
}

const NOT_KEPT_OF_NAPI: ReadonlySet<string> = new Set(['device'])
const ANY_RULE = { up: true, filtering: true, rings: Number.POSITIVE_INFINITY, hasContext: () => true }

function stateOf(dev: Device): KeptState {
  const { id, devlink, switchId, home, rings, settings, cable, impairments, rss, steering, napis, rx } = nicState(dev)
  return {
    id,
    devlink,
    switchId,
    home,
    rings,
    settings,
    cable,
    impairments,
    key: rss.key,
    table: rss.userSet ? [...rss.table] : undefined,
    // biome-ignore lint/complexity/useLiteralKeys: its own business, and nobody else's but the journal's
    hashedPorts: rss['ports'],
    rules: steering.locations.map((location) => steering.get(location) as FlowRule),
    napis: napis.map((napi) => fieldsToPlain(napi, `NAPI ${napi.id}`, NOT_KEPT_OF_NAPI)),
    enabled: (dev.napis ?? []).map((napi) => napis.indexOf(napi)),
    pools: rx.map((memory) => memory?.pool.id ?? 0),
  }
}

function restoreSettings(dev: Device, kept: KeptState): void {
  const state = nicState(dev)
  const { rss, steering } = state
  Object.assign(state, { rings: kept.rings, cable: kept.cable, impairments: kept.impairments ?? {} })
  state.port?.impair()
  Object.assign(state.settings, kept.settings)
  rss.setKey(kept.key)
  if (kept.table) rss.setTable(kept.table, Number.POSITIVE_INFINITY)
  else rss.reset(dev.realRxQueues)
  // biome-ignore lint/complexity/useLiteralKeys: as above
  rss['ports'] = kept.hashedPorts
  for (const rule of kept.rules) steering.insert(rule, ANY_RULE)
}

/** NAPI instances exist from the first time that the NIC was up, and are enabled while it is; page pools exist only then. */
function restoreQueues(kernel: Kernel, dev: Device, kept: KeptState): void {
  const state = nicState(dev)
  for (const [index, fields] of kept.napis.entries()) state.napis[index] = Object.assign(new Napi(dev), fields)
  const byAge = [...kept.pools.entries()].sort(([, a], [, b]) => a - b)
  for (const [index, id] of byAge) {
    if (id === 0) continue
    kernel.pagePools.lastId = id - 1
    const pool = kernel.pagePools.create(dev, { napi: state.napis[index] })
    state.rx[index] = new RxMemory(pool, undefined, 0)
  }
  for (const index of kept.enabled) {
    kernel.napis.enable(state.napis[index])
    const queue = dev.rxQueue(index)
    if (queue) queue.napi = state.napis[index]
  }
}

/** NICs, which are not made by requests but plugged in. */
const keeperOf = (name: NicModel): Keeper => ({
  name,
  driver: NIC_DRIVERS[name],
  make(kernel: Kernel, ns: NetNamespace, queues: number): Device {
    const nobody = { id: 0, devlink: 0, switchId: new Uint8Array(0), home: kernel.initialNs }
    const dev = new Device(
      NIC_DRIVERS[name],
      ns,
      '',
      makeNicState(nobody, queues, ringAbilities(kernel.release), () => 0),
    )
    dev.driver.setup(dev, kernel.release)
    return dev
  },
  save: (dev) => fieldsToPlain(stateOf(dev), dev.name),
  begin(kernel, dev, own, resolver) {
    const { id, devlink, switchId, home } = fillFields({}, own, resolver) as unknown as KeptState
    Object.assign(nicState(dev), { id, devlink, switchId, home })
    kernel.nics.adopt(id, dev)
  },
  restore(kernel, dev, own, resolver) {
    const kept = fillFields({}, own, resolver) as unknown as KeptState
    restoreSettings(dev, kept)
    restoreQueues(kernel, dev, kept)
  },
  finish(_kernel, dev) {
    if (dev.up) nicState(dev).port?.wire.enable(true)
  },
})

export const nicKeepers: readonly Keeper[] = NIC_MODELS.map(keeperOf)
