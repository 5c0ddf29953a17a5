import {
  type LinkAttrs,
  NETLINK_ROUTE,
  type NetkitData,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_ECHO,
  NLM_F_EXCL,
  NLM_F_REQUEST,
  type PeerInfo,
  RT_LINK,
} from '@netkit/netlink'
import { type Chance, routeMessage } from '@netkit/netlink/testing'
import type { Machine } from '../machine.ts'
import type { Asked, Operation, Situation } from './operation.ts'
import { birthAttrs, fdFor, flagsFor } from './values.ts'

type Netkit = { -readonly [K in keyof NetkitData]?: NetkitData[K] }

function peerFor(chance: Chance, machine: Machine): PeerInfo {
  const attrs = birthAttrs(chance)
  if (chance.odds(1, 2)) Object.assign(attrs, { netNsFd: fdFor(machine, chance) })
  return { header: { ifindex: chance.odds(1, 8) ? chance.pick([-1, 50, 51]) : 0 }, ...attrs }
}

function netkitData(chance: Chance, machine: Machine, single: boolean): Netkit {
  const data: Netkit = {}
  if (single) data.pairing = 'single'
  else if (chance.odds(1, 6)) data.pairing = chance.pick(['pair', 2])
  if (chance.odds(1, 2)) data.mode = chance.odds(1, 10) ? 2 : chance.pick(['l2', 'l3'])
  if (chance.odds(1, 5)) data.policy = chance.pick(['forward', 'blackhole', 1])
  if (chance.odds(1, single ? 20 : 5)) data.peerPolicy = chance.pick(['forward', 'blackhole', 7])
  if (chance.odds(1, single ? 20 : 5)) data.scrub = chance.pick(['none', 'default', 2])
  if (chance.odds(1, single ? 20 : 5)) data.peerScrub = chance.pick(['none', 'default'])
  if (chance.odds(1, 8)) data.headroom = chance.pick([0, 64, 65535])
  if (chance.odds(1, 8)) data.tailroom = chance.pick([0, 64])
  if (chance.odds(1, 40)) data.primary = 1
  if (chance.odds(single ? 1 : 10, 20)) data.peerInfo = peerFor(chance, machine)
  return data
}

/** Where a new link goes besides the requester's own namespace. */
function placement(chance: Chance, machine: Machine): LinkAttrs {
  if (chance.odds(2, 3)) return {}
  const kind = chance.below(8)
  if (kind < 4) return { netNsFd: fdFor(machine, chance) }
  if (kind < 6) return { targetNetnsid: chance.below(3) }
  if (kind < 7) return { linkNetnsid: chance.below(3) }
  return { netNsFd: fdFor(machine, chance), targetNetnsid: 0 }
}

function asked(s: Situation, linkinfo: LinkAttrs['linkinfo']): Asked {
  const { chance, machine, place } = s
  const attrs = { ...birthAttrs(chance), ...placement(chance, machine), linkinfo }
  const header = {
    ifindex: chance.odds(1, 10) ? chance.pick([-1, 1, 40, 41, 42]) : 0,
    ...(chance.odds(1, 5) ? flagsFor(chance) : {}),
  }
  const exclusive = chance.odds(9, 10)
  const flags =
    NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | (exclusive ? NLM_F_EXCL : 0) | (chance.odds(1, 10) ? NLM_F_ECHO : 0)
  return {
    says: `create ${JSON.stringify({ header, ...attrs })}`,
    place,
    protocol: NETLINK_ROUTE,
    request: routeMessage(RT_LINK.newlink, header, attrs, { flags, seq: 1 }),
    // Without EXCL it may be a change of what exists.
    atomic: exclusive,
  }
}

export const createPair: Operation = (s) => {
  const data = s.chance.odds(1, 4) ? undefined : netkitData(s.chance, s.machine, false)
  return asked(s, { kind: 'netkit', data })
}

export const createSingle: Operation = (s) => asked(s, { kind: 'netkit', data: netkitData(s.chance, s.machine, true) })

export const createVeth: Operation = (s) =>
  asked(s, { kind: 'veth', data: s.chance.odds(1, 2) ? { peer: peerFor(s.chance, s.machine) } : undefined })

export const createOther: Operation = (s) =>
  asked(s, s.chance.odds(4, 5) ? { kind: 'dummy' } : { kind: s.chance.pick(['netdevsim', 'nonsense', '']) })

/** Nothing about these is wrong, so that there is always something to work with. */
export const createSurely: Operation = ({ chance, machine, place }) => {
  const rx = { numRxQueues: 1 + chance.below(5) }
  const single = chance.odds(1, 3)
  const peer = { netNsFd: chance.pick(machine.places).fd, ...rx }
  const data: NetkitData = single
    ? { pairing: 'single', mode: chance.pick(['l2', 'l3']) }
    : { mode: chance.pick(['l2', 'l3']), peerInfo: peer }
  const attrs: LinkAttrs = { ...rx, group: chance.below(3), linkinfo: { kind: 'netkit', data } }
  const up = chance.odds(1, 3) ? { flags: 1, change: 1 } : {}
  const flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL
  const request = routeMessage(RT_LINK.newlink, up, attrs, { flags, seq: 1 })
  // A pair that comes up at birth is not linked yet.
  const must = single || !('flags' in up) ? true : undefined
  return {
    says: `surely ${JSON.stringify(attrs)} ${JSON.stringify(up)}`,
    place,
    protocol: NETLINK_ROUTE,
    request,
    atomic: true,
    must,
  }
}
