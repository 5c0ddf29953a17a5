import { NETLINK_ROUTE, NLM_F_ACK, NLM_F_ECHO, NLM_F_REQUEST, RT_LINK } from '@netkit/netlink'
import { routeMessage } from '@netkit/netlink/testing'
import type { Operation } from './operation.ts'
import { ifindexFor, linkFor } from './values.ts'

/** Deletes by number, by name, by alternative name, by group, or in a namespace that has an id. */
export const remove: Operation = ({ place, chance }) => {
  const how = chance.below(6)
  const link = linkFor(place, chance)
  const [header, attrs] =
    how < 2
      ? [{ ifindex: ifindexFor(place, chance) }, {}]
      : how === 2
        ? [{}, { ifname: link?.ifname ?? 'none' }]
        : how === 3
          ? [{}, { altIfname: link?.propList?.altIfname?.[0] ?? 'none' }]
          : how === 4
            ? [{}, { group: chance.pick([0, 1, 2, 7]) }]
            : [{ ifindex: 2 + chance.below(6) }, { targetNetnsid: chance.below(3) }]
  const flags = NLM_F_REQUEST | NLM_F_ACK | (chance.odds(1, 4) ? NLM_F_ECHO : 0)
  return {
    says: `delete ${JSON.stringify({ ...header, ...attrs })}`,
    place,
    protocol: NETLINK_ROUTE,
    request: routeMessage(RT_LINK.dellink, header, attrs, { flags, seq: 1 }),
    atomic: true,
  }
}
