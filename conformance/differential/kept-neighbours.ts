import {
  ipBytes,
  LINK,
  NEIGH,
  NETKIT,
  RTM_DELNEIGH,
  RTM_GETNEIGH,
  RTM_NEWNEIGH,
  RTNLGRP_IPV6_IFADDR,
  RTNLGRP_IPV6_ROUTE,
  RTNLGRP_NEIGH,
} from '@netkit/netlink'
import type { Kept } from './kept.ts'
import type { Send, Step } from './scenario.ts'
import { down, kind, modify, name, newLink, type SendOptions, send, up } from './steps.ts'
import { attr, type Bytes, CREATE, DUMP, mac, message, REQ, u8, u16, u32, zeros } from './wire.ts'

/** Neighbours: what is asked of them and how it is refused. Recorded it is in ../cases/rtnl. */

const N = NEIGH.ids
const V4 = 2
const V6 = 10
const FAMILIES = [V4, V6]
const REPLACE = 0x100
const MADE = 0x400
const [NONE, REACHABLE, STALE, FAILED, NOARP, PERMANENT] = [0, 0x02, 0x04, 0x20, 0x40, 0x80]
const [USE, MASTER, PROXY, LEARNED, ROUTER] = [0x01, 0x04, 0x08, 0x10, 0x80]
const groups = [RTNLGRP_NEIGH]

interface Head {
  readonly family?: number
  readonly pad?: number
  readonly index?: number
  readonly state?: number
  readonly flags?: number
  readonly type?: number
}

const ndmsg = ({ family = V4, pad = 0, index = 2, state = PERMANENT, flags = 0, type = 0 }: Head): Bytes => [
  ...u8(family),
  ...u8(pad),
  ...u16(0),
  ...u32(index),
  ...u16(state),
  ...u8(flags),
  ...u8(type),
]
const ask = (type: number, flags: number, head: Head, attrs: Bytes, options?: SendOptions): Send =>
  send(message({ type, flags }, ndmsg(head), attrs), options)
const make = (head: Head, attrs: Bytes, flags = CREATE): Send => ask(RTM_NEWNEIGH, flags, head, attrs)
const take = (head: Head, attrs: Bytes): Send => ask(RTM_DELNEIGH, REQ, head, attrs)
const get = (head: Head, attrs: Bytes, options?: SendOptions): Send =>
  ask(RTM_GETNEIGH, REQ, { state: NONE, ...head }, attrs, options)
const dump = (head: Head, attrs: Bytes = [], options?: SendOptions): Send =>
  ask(RTM_GETNEIGH, DUMP, { index: 0, state: NONE, ...head }, attrs, options)

const ip = (text: string): Bytes => [...(ipBytes(text) as Uint8Array)]
const dst = (family: number, last = 9): Bytes => attr(N.dst, ip(family === V4 ? `10.0.0.${last}` : `fd00::${last}`))
const lladdr = (last = 1): Bytes => attr(N.lladdr, mac(last))

/** Devices 3 and 2 of an L2 pair, down, so that nobody looks for anybody. */
const pair = (): Step => send(newLink([...name('t0'), ...kind('netkit', attr(NETKIT.ids.mode, u32(0)))]))
const dummy = (): Step => send(newLink([...name('d0'), ...attr(LINK.ids.address, mac(6)), ...kind('dummy')]))
const changes = (family: number): Step[] => [
  make({ family }, [...dst(family), ...lladdr()]),
  make({ family }, [...dst(family), ...lladdr()]),
  make({ family, state: STALE }, [...dst(family), ...lladdr(2)], REQ),
  make({ family, state: STALE }, [...dst(family), ...lladdr(2)], REQ | REPLACE),
  make({ family, state: REACHABLE }, [...dst(family)], REQ | REPLACE),
  make({ family, state: NOARP }, [...dst(family), ...lladdr(3)], REQ | MADE | REPLACE),
  make({ family, state: FAILED }, [...dst(family), ...lladdr(3)], REQ | REPLACE),
  make({ family, state: PERMANENT }, dst(family), REQ | REPLACE),
  make({ family, state: PERMANENT, flags: ROUTER }, [...dst(family), ...lladdr(3)], REQ | REPLACE),
  make({ family, state: PERMANENT, flags: LEARNED }, [...dst(family), ...lladdr(3)], REQ | REPLACE),
  make({ family, state: PERMANENT }, [...dst(family), ...lladdr(3), ...attr(N.protocol, u8(4))], REQ | REPLACE),
  get({ family }, dst(family)),
  dump({ family }),
  take({ family }, dst(family)),
  take({ family }, dst(family)),
  dump({ family }),
  make({ family }, [...dst(family), ...lladdr()], REQ),
  make({ family, state: NONE }, [...dst(family), ...lladdr()]),
  get({ family }, dst(family)),
  make({ family, state: 0x100 }, [...dst(family, 8), ...lladdr()]),
  make({ family, state: REACHABLE | STALE }, [...dst(family, 7), ...lladdr()]),
  make({ family, state: PERMANENT }, dst(family, 6)),
  get({ family }, dst(family, 6)),
  make({ family, state: NONE, index: 3 }, dst(family)),
  dump({ family }, attr(N.ifindex, u32(3))),
]

/** Wrong in one way or in two: which is told? */
const spoilt = (type: number, flags = type === RTM_NEWNEIGH ? CREATE : REQ): Step[] => {
  const tries: readonly (readonly [Head, Bytes])[] = [
    [{}, []],
    [{}, attr(N.dst, [])],
    [{}, attr(N.dst, zeros(3))],
    [{}, attr(N.dst, ip('fd00::9'))],
    [{ family: V6 }, attr(N.dst, ip('10.0.0.9'))],
    [{ index: 0 }, dst(V4)],
    [{ index: 0 }, []],
    [{ index: 0 }, [...dst(V4), ...attr(N.flagsExt, u32(8))]],
    [{ index: 0, flags: ROUTER }, dst(V4)],
    [{ index: 9 }, dst(V4)],
    [{ index: -1 }, dst(V4)],
    [{ index: 9 }, []],
    [{ index: 9 }, attr(N.dst, [1])],
    [{ index: 0 }, attr(N.dst, [1])],
    [{}, [...dst(V4), ...attr(N.lladdr, zeros(5))]],
    [{}, [...attr(N.dst, [1]), ...attr(N.lladdr, zeros(5))]],
    [{ family: 1 }, [...dst(V4), ...attr(N.lladdr, zeros(5))]],
    [{ family: 0 }, dst(V4)],
    [{ family: 1 }, dst(V4)],
    [{ family: 28 }, dst(V4)],
    [{ family: 1, index: 9 }, dst(V4)],
    [{ family: 1, index: 0 }, dst(V4)],
    [{ family: 1, index: 0, flags: PROXY }, dst(V4)],
    [{ flags: MASTER }, dst(V4, 77)],
    [{ state: STALE }, dst(V4, 77)],
    [{ type: 1 }, dst(V4, 77)],
    [{ pad: 1 }, dst(V4, 77)],
    [{}, [...dst(V4, 77), ...attr(N.flagsExt, u32(8))]],
    [{}, [...dst(V4, 77), ...attr(N.flagsExt, u16(1))]],
    [{}, [...dst(V4, 77), ...attr(N.protocol, [])]],
    [{}, [...dst(V4, 77), ...attr(N.probes, u16(1))]],
    [{}, [...dst(V4, 77), ...attr(N.vlan, u8(1))]],
    [{}, [...dst(V4, 77), ...attr(N.nhId, u32(1))]],
    [{}, [...dst(V4, 77), ...attr(99, u32(1))]],
    [{}, attr(N.dst, zeros(33))],
    [{}, [...dst(V4, 77), ...attr(N.lladdr, zeros(33))]],
  ]
  // A question may not say anything of the state.
  const state = type === RTM_GETNEIGH ? NONE : PERMANENT
  return [
    ...tries.map(([head, attrs]) => ask(type, flags, { state, ...head }, attrs)),
    send(message({ type, flags }, ndmsg({}).slice(0, 11))),
    send(message({ type, flags }, ndmsg({}).slice(0, 8))),
  ]
}

const strict = { strict: 1 } as const

export const KEPT_NEIGHBOURS: readonly Kept[] = [
  ...FAMILIES.map((family) => ({
    file: family === V4 ? 'neighbours-of-ipv4' : 'neighbours-of-ipv6',
    rule: 'An administrator makes neighbours in any state, replaces them if he says so, and is told what they have become',
    groups,
    steps: [pair(), ...changes(family)],
  })),
  {
    file: 'neighbours-of-groups-and-of-the-loopback',
    rule: 'Groups have addresses of their own where the link has any; on the loopback every IPv6 neighbour is local',
    groups,
    steps: [
      dummy(),
      send(up(1)),
      send(up(2)),
      ...[1, 2].flatMap((index) => [
        ...['224.0.0.5', '127.0.0.1', '10.0.0.9'].map((text) =>
          make({ index, state: STALE }, [...attr(N.dst, ip(text)), ...(text === '10.0.0.9' ? lladdr() : [])]),
        ),
        ...['ff02::5', '::1', 'fd00::9'].map((text) =>
          make({ family: V6, index, state: FAILED }, attr(N.dst, ip(text))),
        ),
      ]),
      send(modify(attr(LINK.ids.mtu, u32(60)), { index: 2 }), { wait: 1 }),
      make({}, dst(V4)),
      make({ family: V6 }, dst(V6)),
    ],
  },
  {
    file: 'neighbours-go-with-their-routes',
    rule: 'Neighbours go behind the routes of a device and before its addresses; proxies go with the carrier unless they are permanent',
    groups: [...groups, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV6_ROUTE],
    steps: [
      dummy(),
      send(up(2), { wait: 1 }),
      ...[1, 0].flatMap((flag) => [
        ...FAMILIES.flatMap((family) => [
          make({ family }, [...dst(family), ...lladdr()]),
          make({ family, flags: PROXY, state: NOARP }, dst(family, 7)),
          make({ family, flags: PROXY }, dst(family, 8)),
        ]),
        flag === 1
          ? send(modify(attr(LINK.ids.carrier, u8(0)), { index: 2 }), { wait: 1 })
          : send(down(2), { wait: 1 }),
        ...FAMILIES.flatMap((family) => [dump({ family }), dump({ family, flags: PROXY })]),
        send(modify(attr(LINK.ids.carrier, u8(1)), { index: 2 }), { wait: 1 }),
      ]),
    ],
  },
  {
    file: 'neighbours-refused',
    rule: 'What is wrong with a new neighbour is told in the order in which it is read',
    groups,
    steps: [pair(), ...spoilt(RTM_NEWNEIGH)],
  },
  {
    file: 'neighbours-not-removed',
    rule: 'What is wrong with the removal of a neighbour is told in the order in which it is read',
    groups,
    steps: [pair(), ...spoilt(RTM_DELNEIGH)],
  },
  {
    file: 'neighbours-not-found',
    rule: 'What is wrong with the question for one neighbour is told in the order in which it is read',
    groups,
    steps: [
      pair(),
      ...spoilt(RTM_GETNEIGH),
      make({}, [...dst(V4), ...lladdr()]),
      ...[
        get({}, dst(V4)),
        get({}, dst(V4), strict),
        get({ state: STALE }, dst(V4), strict),
        get({ type: 1 }, dst(V4), strict),
        get({ pad: 1 }, dst(V4), strict),
        get({ flags: ROUTER }, dst(V4), strict),
        get({}, [...dst(V4), ...lladdr()], strict),
        get({}, [...dst(V4), ...attr(N.ifindex, u32(2))], strict),
      ],
    ],
  },
  {
    file: 'neighbours-listed',
    rule: 'A list of neighbours is of one device where the request says so: by an attribute; a strict one may say nothing else',
    groups,
    steps: [
      pair(),
      make({}, [...dst(V4), ...lladdr()]),
      make({ index: 3, family: V6 }, [...dst(V6), ...lladdr()]),
      ...[{}, strict].flatMap((options) => [
        dump({ family: 0 }, [], options),
        dump({ family: 1 }, [], options),
        dump({ family: 28 }, [], options),
        dump({ index: 2 }, [], options),
        dump({ index: 3 }, [], options),
        ...[0, 2, 3, 9].map((n) => dump({}, attr(N.ifindex, u32(n)), options)),
        dump({}, attr(N.master, u32(9)), options),
        dump({}, attr(N.master, u32(0)), options),
        dump({}, attr(N.ifindex, u16(2)), options),
        dump({}, dst(V4), options),
        dump({}, attr(99, u32(1)), options),
        dump({}, attr(N.protocol, u8(1)), options),
        dump({ state: PERMANENT }, [], options),
        dump({ type: 1 }, [], options),
        dump({ pad: 1 }, [], options),
        dump({ flags: ROUTER }, [], options),
        dump({ flags: PROXY }, [], options),
        dump({ flags: PROXY | ROUTER }, [], options),
        send(message({ type: RTM_GETNEIGH, flags: DUMP }, ndmsg({ index: 0 }).slice(0, 8)), options),
        send(message({ type: RTM_GETNEIGH, flags: DUMP }, [V4]), options),
      ]),
    ],
  },
  {
    file: 'neighbours-for-others',
    rule: 'Proxies answer for addresses, on a device or on all; they are a list of their own, of which changes are not told',
    groups,
    steps: [
      pair(),
      ...FAMILIES.flatMap((family) => [
        make({ family, flags: PROXY }, dst(family)),
        make({ family, flags: PROXY }, dst(family)),
        make({ family, flags: PROXY }, dst(family, 5), REQ),
        take({ family, flags: PROXY }, dst(family, 5)),
        make({ family, flags: PROXY | ROUTER }, [...dst(family), ...attr(N.protocol, u8(4))], REQ | REPLACE),
        get({ family, flags: PROXY }, dst(family)),
        get({ family }, dst(family)),
        get({ family, flags: PROXY, index: 3 }, dst(family)),
        get({ family, flags: PROXY, index: 0 }, dst(family)),
        dump({ family, flags: PROXY }),
        // IPv6 has begun to listen to a group.
        ...(family === V4 ? [dump({ family })] : []),
        take({ family }, dst(family)),
        take({ family, flags: PROXY, index: 3 }, dst(family)),
        take({ family, flags: PROXY }, dst(family)),
        take({ family, flags: PROXY }, dst(family)),
        make({ family, flags: PROXY, index: 0 }, dst(family)),
        get({ family, flags: PROXY, index: 0 }, dst(family)),
        get({ family, flags: PROXY }, dst(family)),
        dump({ family, flags: PROXY }),
        dump({ family, flags: PROXY }, attr(N.ifindex, u32(2))),
        take({ family, flags: PROXY, index: 0 }, dst(family)),
        dump({ family, flags: PROXY }),
      ]),
    ],
  },
  {
    file: 'neighbours-flags',
    rule: 'A permanent neighbour is not managed and need not be learnt; flags that do not fit are refused before it is made',
    groups,
    steps: [
      pair(),
      make({ state: PERMANENT }, [...dst(V4), ...lladdr(), ...attr(N.flagsExt, u32(1))]),
      make({ state: PERMANENT }, [...dst(V4), ...lladdr(), ...attr(N.flagsExt, u32(2))]),
      make({ state: PERMANENT }, [...dst(V4, 8), ...lladdr(), ...attr(N.flagsExt, u32(4))]),
      make({ state: PERMANENT, flags: USE }, [...dst(V4, 7), ...lladdr()]),
      make({ flags: PROXY }, [...dst(V4), ...attr(N.flagsExt, u32(1))]),
      make({ flags: PROXY, index: 0 }, [...dst(V4), ...attr(N.flagsExt, u32(4))]),
      make({ state: NONE, flags: LEARNED }, [...dst(V4, 6), ...attr(N.flagsExt, u32(4))]),
      make({ state: STALE, flags: LEARNED }, [...dst(V4, 5), ...lladdr(), ...attr(N.flagsExt, u32(4))]),
      make({ state: STALE }, [...dst(V4, 5), ...lladdr()], REQ | REPLACE),
      make({ state: STALE, flags: LEARNED }, [...dst(V4, 5), ...lladdr()], REQ | REPLACE),
      ...[4, 5, 6, 7, 8, 9].map((last) => get({}, dst(V4, last))),
    ],
  },
  {
    file: 'neighbours-without-arp',
    rule: 'On a device without ARP a neighbour begins without need of an address; where IPv6 is not, it has none',
    groups,
    steps: [
      dummy(),
      make({}, [...dst(V4), ...lladdr()]),
      make({ state: STALE }, [...dst(V4, 8), ...lladdr()]),
      make({ state: STALE }, dst(V4, 7)),
      make({ state: NONE }, dst(V4, 6)),
      make({}, attr(N.dst, ip('224.0.0.5'))),
      make({}, attr(N.dst, ip('0.0.0.0'))),
      make({ family: V6 }, attr(N.dst, ip('ff02::5'))),
      ...[6, 7, 8, 9].map((last) => get({}, dst(V4, last))),
      send(modify(attr(LINK.ids.mtu, u32(1000)), { index: 2 })),
      make({ family: V6 }, [...dst(V6, 8), ...lladdr()]),
      make({ family: V6, flags: PROXY }, dst(V6, 8)),
      make({ index: 1 }, [...dst(V4), ...lladdr()]),
      get({ index: 1 }, dst(V4)),
    ],
  },
  {
    file: 'neighbours-of-a-device-that-goes-down',
    rule: 'Neighbours go when their device goes down or has another address itself; proxies only go when it goes down',
    groups,
    steps: [
      send(newLink([...name('d0'), ...attr(LINK.ids.mtu, u32(1000)), ...kind('dummy')])),
      send(up(2), { wait: 1 }),
      make({ state: STALE }, [...dst(V4), ...lladdr()]),
      send(modify(attr(LINK.ids.address, mac(7)), { index: 2 }), { wait: 1 }),
      make({ state: PERMANENT }, [...dst(V4, 8), ...lladdr()]),
      make({ flags: PROXY }, dst(V4, 4)),
      send(modify(attr(LINK.ids.address, mac(8)), { index: 2 }), { wait: 1 }),
      get({}, dst(V4, 8)),
      get({ flags: PROXY }, dst(V4, 4)),
      send(modify([], { index: 2, flags: 0, change: 1 }), { wait: 1 }),
      get({}, dst(V4, 8)),
      get({ flags: PROXY }, dst(V4, 4)),
    ],
  },
  {
    file: 'neighbours-of-others',
    rule: 'Who may not change the network may ask for neighbours',
    groups,
    steps: [
      pair(),
      ask(RTM_NEWNEIGH, CREATE, {}, [...dst(V4), ...lladdr()], { as: 'user' }),
      ask(RTM_DELNEIGH, REQ, {}, dst(V4), { as: 'nocap' }),
      get({}, dst(V4), { as: 'user' }),
    ],
  },
]
