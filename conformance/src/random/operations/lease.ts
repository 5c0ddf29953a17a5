import { ETHTOOL, NETDEV, NETLINK_GENERIC, NLM_F_ACK, NLM_F_REQUEST } from '@netkit/netlink'
import { genericMessage } from '@netkit/netlink/testing'
import { type Link, netkitOf } from '../ask.ts'
import { createSurely } from './create.ts'
import { plugNic } from './nic.ts'
import type { Operation } from './operation.ts'
import { ifindexFor, linkFor } from './values.ts'

const FLAGS = { flags: NLM_F_REQUEST | NLM_F_ACK, seq: 1 }

const isNic = (link: Link): boolean => link.parentDevName !== undefined
/** Whether a link can lease queues, once there is room for one more. */
const isLessee = (link: Link): boolean => {
  const netkit = netkitOf(link)
  return (netkit?.pairing === 'single' || netkit?.primary === 0) && (link.numRxQueues ?? 0) > 1
}

/** Leases a queue of a NIC to a netkit device, or tries to. */
export const lease: Operation = (s) => {
  const { machine, place, chance } = s
  const home = chance.odds(1, 2) ? place : chance.pick(machine.places)
  const nic = linkFor(home, chance, isNic)
  if (!nic && chance.odds(7, 8)) return plugNic(s)
  if (!linkFor(place, chance, isLessee) && chance.odds(7, 8)) return createSurely(s)
  const nsid = home === place ? -1 : place.nsidOf(home)
  const attrs = {
    ifindex: ifindexFor(place, chance, chance.odds(1, 10) ? undefined : isLessee),
    type: chance.odds(1, 20) ? ('tx' as const) : ('rx' as const),
    lease: {
      ifindex: nic && chance.odds(15, 16) ? nic.header.ifindex : ifindexFor(home, chance),
      queue: { id: chance.below(nic?.numRxQueues ?? 5), type: chance.odds(1, 20) ? ('tx' as const) : ('rx' as const) },
      ...(nsid >= 0 ? { netnsId: nsid } : chance.odds(1, 10) && { netnsId: chance.below(3) }),
    },
  }
  if (attrs.ifindex < 1 || attrs.lease.ifindex < 1) return undefined
  return {
    says: `lease ${JSON.stringify(attrs)}`,
    place,
    protocol: NETLINK_GENERIC,
    request: genericMessage(place.netdevId, NETDEV.commands.queueCreate, attrs, FLAGS),
    atomic: true,
  }
}

/** Gives a NIC more or fewer queues. */
export const setChannels: Operation = ({ machine, place, chance }) => {
  const devIndex = ifindexFor(place, chance, (l) => l.parentDevName !== undefined)
  if (devIndex < 1) return undefined
  const attrs = { header: { devIndex }, combinedCount: chance.below(6) }
  return {
    says: `channels ${JSON.stringify(attrs)}`,
    place,
    protocol: NETLINK_GENERIC,
    request: genericMessage(machine.ethtoolId, ETHTOOL.commands.channelsSet, attrs, FLAGS),
    atomic: true,
  }
}
