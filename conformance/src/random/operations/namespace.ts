import { NETLINK_ROUTE, NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST, RT_LINK, RT_NSID } from '@netkit/netlink'
import { routeMessage } from '@netkit/netlink/testing'
import type { Operation } from './operation.ts'
import { fdFor, ifindexFor } from './values.ts'

const MOST = 5

export const addNamespace: Operation = ({ machine }) =>
  machine.places.length >= MOST ? undefined : { says: 'add a namespace', run: () => void machine.addNamespace() }

export const removeNamespace: Operation = ({ machine, chance }) => {
  if (machine.places.length === 1) return undefined
  const place = machine.places[1 + chance.below(machine.places.length - 1)]
  return { says: `remove ${place.label}`, run: () => machine.removeNamespace(place) }
}

export const nameNamespace: Operation = ({ machine, place, chance }) => {
  const attrs = { nsid: chance.below(5) - 1, fd: fdFor(machine, chance) }
  return {
    says: `nsid ${JSON.stringify(attrs)}`,
    place,
    protocol: NETLINK_ROUTE,
    request: routeMessage(RT_NSID.newnsid, {}, attrs, { flags: NLM_F_REQUEST | NLM_F_ACK, seq: 1 }),
    atomic: true,
  }
}

/** Looking changes nothing, but for ids of namespaces that are given out for it. */
export const look: Operation = ({ place, chance }) => {
  const dump = chance.odds(1, 2)
  const target = chance.odds(1, 3) ? { targetNetnsid: chance.below(3) } : {}
  const header = dump ? {} : { ifindex: ifindexFor(place, chance) }
  const flags = NLM_F_REQUEST | (dump ? NLM_F_DUMP : NLM_F_ACK)
  return {
    says: `look ${JSON.stringify({ ...header, ...target })}`,
    place,
    protocol: NETLINK_ROUTE,
    request: routeMessage(RT_LINK.getlink, header, target, { flags, seq: 1 }),
    atomic: true,
  }
}
