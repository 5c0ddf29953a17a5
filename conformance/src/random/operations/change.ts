import {
  type LinkAttrs,
  type LinkHeader,
  NETLINK_ROUTE,
  type NetkitData,
  NLM_F_ACK,
  NLM_F_REPLACE,
  NLM_F_REQUEST,
  type RouteMessage,
  RT_LINK,
} from '@netkit/netlink'
import { type Chance, routeMessage } from '@netkit/netlink/testing'
import type { Place } from '../place.ts'
import type { Asked, Operation } from './operation.ts'
import { altNameFor, fdFor, flagsFor, ifindexFor, laterAttrs, linkFor, nameFor } from './values.ts'

const isNetkit = { of: (link: { linkinfo?: { kind?: string } }) => link.linkinfo?.kind === 'netkit' }

/** A request about one link, which is named by number or by name. */
function about(
  place: Place,
  chance: Chance,
  message: RouteMessage,
  attrs: LinkAttrs,
  header: Partial<LinkHeader> = {},
  atomic = false,
  flags = 0,
): Asked {
  const byName = chance.odds(1, 4) ? linkFor(place, chance)?.ifname : undefined
  const whom = byName && attrs.ifname === undefined ? { ifname: byName } : {}
  const ifindex = 'ifname' in whom ? 0 : (header.ifindex ?? ifindexFor(place, chance))
  const all = { ...attrs, ...whom }
  return {
    says: `${message.c} ${JSON.stringify({ ...header, ifindex, ...all })}`,
    place,
    protocol: NETLINK_ROUTE,
    request: routeMessage(message, { ...header, ifindex }, all, { flags: NLM_F_REQUEST | NLM_F_ACK | flags, seq: 1 }),
    atomic,
  }
}

const setOrNew = (chance: Chance): RouteMessage => chance.pick([RT_LINK.setlink, RT_LINK.newlink])

/** Up and down, mostly. With nothing else in the request, a refusal leaves all as it was. */
export const changeFlags: Operation = ({ place, chance }) =>
  about(place, chance, setOrNew(chance), {}, { ifindex: ifindexFor(place, chance), ...flagsFor(chance) }, true)

/** One setting: all or nothing. */
export const changeOne: Operation = ({ place, chance }) =>
  about(place, chance, setOrNew(chance), laterAttrs(chance, 1), {}, true)

/** Several, and flags with them: what comes before a refusal stays. */
export const changeSeveral: Operation = ({ place, chance }) =>
  about(place, chance, setOrNew(chance), laterAttrs(chance, 4), chance.odds(1, 2) ? flagsFor(chance) : {})

export const rename: Operation = ({ place, chance }) =>
  about(place, chance, setOrNew(chance), { ifname: nameFor(chance) }, { ifindex: ifindexFor(place, chance) }, true)

export const changeGroup: Operation = ({ place, chance }) => {
  const attrs = { group: chance.pick([1, 2, 7]), ...laterAttrs(chance, 1) }
  return {
    says: `group ${JSON.stringify(attrs)}`,
    place,
    protocol: NETLINK_ROUTE,
    request: routeMessage(RT_LINK.newlink, flagsFor(chance), attrs, { flags: NLM_F_REQUEST | NLM_F_ACK, seq: 1 }),
    atomic: false,
  }
}

export const changeNetkit: Operation = ({ place, chance }) => {
  const data: NetkitData = {
    ...(chance.odds(1, 2) && { policy: chance.pick(['forward', 'blackhole', 1]) }),
    ...(chance.odds(1, 2) && { peerPolicy: chance.pick(['forward', 'blackhole', 5]) }),
    ...(chance.odds(1, 8) && { mode: chance.pick(['l2', 'l3']) }),
    ...(chance.odds(1, 10) && { pairing: 'single' }),
    ...(chance.odds(1, 10) && { headroom: 5 }),
  }
  const linkinfo: LinkAttrs['linkinfo'] = chance.odds(1, 12) ? { kind: 'veth', data: {} } : { kind: 'netkit', data }
  const flags = chance.odds(1, 20) ? NLM_F_REPLACE : 0
  return about(
    place,
    chance,
    RT_LINK.newlink,
    { linkinfo },
    { ifindex: ifindexFor(place, chance, isNetkit.of) },
    false,
    flags,
  )
}

export const move: Operation = ({ machine, place, chance }) => {
  const attrs: LinkAttrs = {
    ...(chance.odds(3, 4) ? { netNsFd: fdFor(machine, chance) } : { targetNetnsid: chance.below(3) }),
    ...(chance.odds(1, 4) && { ifname: nameFor(chance) }),
    ...(chance.odds(1, 5) && { newIfindex: chance.pick([1, 2, 60, 61]) }),
  }
  // A rename may be refused after the move.
  return about(
    place,
    chance,
    setOrNew(chance),
    attrs,
    { ifindex: ifindexFor(place, chance) },
    attrs.ifname === undefined,
  )
}

export const changeAltNames: Operation = ({ place, chance }) => {
  const names = Array.from({ length: 1 + chance.below(2) }, () => altNameFor(chance))
  const message = chance.pick([RT_LINK.newlinkprop, RT_LINK.newlinkprop, RT_LINK.dellinkprop])
  return about(place, chance, message, { propList: { altIfname: names } }, {}, names.length === 1)
}
