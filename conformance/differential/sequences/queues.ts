import { CHANNELS, ETHTOOL, type GenlCommand, NETDEV, NETDEV_QUEUE, type PolicyTable } from '@netkit/netlink'
import type { FamilyName } from '../generic-ids.ts'
import {
  channelsGet,
  generic,
  header,
  headerId,
  lease,
  nested,
  queueCreate,
  queueDump,
  queueGet,
  tries,
} from '../neighbours/generics.ts'
import { attr, type Bytes, DUMP, REQ, str, u32 } from '../wire.ts'
import { IDS } from './attributes.ts'
import type { Plan } from './plan.ts'

/** Requests to generic netlink from a namespace: queues, leases and settings of devices. */

const Q = NETDEV_QUEUE.ids
const C = CHANNELS.ids
const isNic = (d: { readonly kind: string | undefined }): boolean => d.kind === 'netdevsim'

/** A lease, mostly of a NIC's queue to a netkit device that has room for it. */
export function leaseQueue(p: Plan, ns: string): Bytes {
  const { c } = p
  const to = p.device(ns, (d) => d.kind === 'netkit' && d.numRxQueues > 1)
  const far = c.oneIn(4)
  const from = p.device(far ? c.pick(p.alive) : ns, isNic)
  const of = lease(
    c.oneIn(12) ? c.below(9) : from.ifindex,
    c.below(c.oneIn(6) ? 6 : from.numRxQueues + 1),
    far || c.oneIn(8) ? c.pick(IDS) : undefined,
  )
  return queueCreate(c.oneIn(12) ? c.below(9) : to.ifindex, of)
}

export function queues(p: Plan, ns: string): Bytes {
  const { c } = p
  if (c.oneIn(3)) return queueDump(c.oneIn(2) ? attr(Q.ifindex, u32(p.device(ns).ifindex)) : [])
  return queueGet(p.device(ns).ifindex, c.below(4), c.oneIn(5) ? 1 : 0)
}

/** Mostly as many channels as a NIC may have, seldom others. */
export function channels(p: Plan, ns: string): Bytes {
  const { c } = p
  const { ifindex } = p.device(ns, c.oneIn(5) ? undefined : isNic)
  if (c.oneIn(4)) return channelsGet(ifindex)
  return generic('ethtool', ETHTOOL.commands.channelsSet.id, [
    ...header(ifindex),
    ...attr(c.oneIn(6) ? c.pick([C.rxCount, C.txCount, C.otherCount]) : C.combinedCount, u32(c.below(6))),
  ])
}

/** Numbers of pools and NAPI instances count all that a kernel ever had. */
const BY_COUNTED_ID = ['pagePoolGet', 'pagePoolStatsGet', 'napiGet', 'napiSet']

const ASKED = (['netdev', 'ethtool'] as const).flatMap((family) =>
  Object.entries<GenlCommand>((family === 'netdev' ? NETDEV : ETHTOOL).commands)
    .filter(([, command]) => !command.event && (command.do || command.dump))
    .map(([key, command]) => ({ family, key, command })),
)

/** Any command, with what it needs and perhaps an attribute in any of its forms. */
export function any(p: Plan, ns: string): Bytes {
  const { c } = p
  // The few commands of netdev as often as the many of ethtool.
  const family: FamilyName = c.oneIn(2) ? 'netdev' : 'ethtool'
  const { key, command } = c.pick(ASKED.filter((a) => a.family === family))
  const counted = BY_COUNTED_ID.includes(key)
  const dump = command.dump !== undefined && (command.do === undefined || counted || c.oneIn(3))
  const policy = dump ? command.dump : command.do
  const attrs = [
    ...(counted || (dump && c.oneIn(2)) ? [] : needed(p, ns, family, key)),
    ...(policy && !counted && c.oneIn(2) ? oddity(p, policy) : []),
  ]
  const flags = dump ? DUMP : c.oneIn(20) ? REQ | (1 << c.below(12)) : REQ
  return generic(family, c.oneIn(60) ? c.below(64) : command.id, attrs, flags, c.oneIn(60) ? 1 : 0)
}

function oddity(p: Plan, policy: PolicyTable): Bytes {
  const found = tries(policy, 1 + p.c.below(policy.maxId + 1))
  return found.length === 0 ? [] : p.c.pick(found)
}

/** What a command must be told. */
function needed(p: Plan, ns: string, family: FamilyName, key: string): Bytes {
  const { c } = p
  const dev = p.device(ns)
  const ifindex = c.oneIn(8) ? c.below(9) : dev.ifindex
  if (family === 'ethtool') {
    const id = headerId(key)
    return c.oneIn(5) ? nested(id, attr(2, str(dev.name))) : header(ifindex, id)
  }
  if (key === 'queueCreate') return leaseQueue(p, ns).slice(20)
  if (key === 'queueGet')
    return [...attr(Q.ifindex, u32(ifindex)), ...attr(Q.type, u32(c.below(3))), ...attr(Q.id, u32(c.below(5)))]
  if (key.startsWith('bind'))
    return [
      ...attr(1, u32(ifindex)),
      ...nested(2, attr(1, u32(c.below(4))), attr(3, u32(0))),
      ...attr(3, u32(90 + c.below(3))),
    ]
  return attr(1, u32(ifindex))
}
