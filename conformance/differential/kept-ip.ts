import {
  ADDR,
  ipBytes,
  LINK,
  NEXTHOP,
  NLM_F_APPEND,
  NLM_F_REPLACE,
  ROUTE,
  RTM_DELADDR,
  RTM_DELROUTE,
  RTM_DELRULE,
  RTM_GETROUTE,
  RTM_GETRULE,
  RTM_NEWADDR,
  RTM_NEWROUTE,
  RTM_NEWRULE,
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV4_RULE,
  RTNLGRP_IPV6_IFADDR,
  RTNLGRP_IPV6_ROUTE,
  RTNLGRP_IPV6_RULE,
  RULE,
} from '@netkit/netlink'
import type { Kept } from './kept.ts'
import type { Send, Step } from './scenario.ts'
import { kind, modify, name, newLink, send } from './steps.ts'
import { attr, type Bytes, CREATE, DUMP, mac, message, nest, REQ, str, u8, u16, u32 } from './wire.ts'

/** Addresses, routes and rules: what random sequences found. Recorded it is in ../cases/rtnl. */

const A = ADDR.ids
const R = ROUTE.ids
const F = RULE.ids
const V4 = 2
const V6 = 10
const CHANGE = REQ | 0x400
const groups = [
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV4_RULE,
  RTNLGRP_IPV6_IFADDR,
  RTNLGRP_IPV6_ROUTE,
  RTNLGRP_IPV6_RULE,
]

const ip = (text: string): Bytes => [...(ipBytes(text) as Uint8Array)]
const familyOf = (text: string): number => (text.includes(':') ? V6 : V4)
const ask = (type: number, flags: number, bytes: Bytes): Send => send(message({ type, flags }, bytes), { wait: 1 })

/** "10.0.0.1/24" and a device. */
function address(type: number, text: string, index: number, rest: Bytes = [], flags = CREATE): Send {
  const [local, length] = text.split('/')
  const head = [...u8(familyOf(local)), ...u8(Number(length)), ...u8(0), ...u8(0), ...u32(index)]
  return ask(type, flags, [...head, ...attr(A.local, ip(local)), ...rest])
}
const addAddress = (text: string, index = 2, rest: Bytes = [], flags = CREATE): Send =>
  address(RTM_NEWADDR, text, index, rest, flags)
const delAddress = (text: string, index = 2): Send => address(RTM_DELADDR, text, index, [], REQ)

interface How {
  readonly flags?: number
  readonly table?: number
  readonly type?: number
  readonly scope?: number
  readonly src?: number
  readonly rtm?: number
}

function route(message: number, text: string, rest: Bytes, how: How = {}): Send {
  const [dst, length] = text.split('/')
  const head = [
    familyOf(dst),
    Number(length),
    how.src ?? 0,
    0,
    how.table ?? 254,
    4,
    how.scope ?? 0,
    how.type ?? 1,
  ].flatMap(u8)
  const to = length === '0' ? [] : attr(R.dst, ip(dst))
  return ask(message, how.flags ?? CHANGE, [...head, ...u32(how.rtm ?? 0), ...to, ...rest])
}
const add = (text: string, rest: Bytes, how?: How): Send => route(RTM_NEWROUTE, text, rest, how)
const del = (text: string, rest: Bytes = [], how?: How): Send =>
  route(RTM_DELROUTE, text, rest, { flags: REQ, scope: text.includes(':') ? 0 : 255, type: 0, ...how })
const get = (text: string, rest: Bytes = [], rtm = 0): Send =>
  route(RTM_GETROUTE, `${text}/${text.includes(':') ? 128 : 32}`, rest, { flags: REQ, table: 0, type: 0, rtm })
const dump = (of: number, rtm = 0): Send =>
  ask(RTM_GETROUTE, DUMP, [...[of, 0, 0, 0, 0, 0, 0, 0].flatMap(u8), ...u32(rtm)])
const via = (text: string): Bytes => attr(R.gateway, ip(text))
const oif = (index: number): Bytes => attr(R.oif, u32(index))
const hop = (attrs: Bytes, index = 0): Bytes => [...u16(8 + attrs.length), ...u8(0), ...u8(0), ...u32(index), ...attrs]
const hops = (...list: Bytes[]): Bytes => attr(R.multipath, list.flat())

const dummy = (label: string, last: number): Send =>
  send(newLink([...name(label), ...attr(LINK.ids.address, mac(last)), ...kind('dummy')]))
const set = (index: number, up: number): Send => send(modify([], { index, flags: up, change: 1 }), { wait: 1 })
/** d0 (2) and d1 (3), up, and the loopback. */
const devices = (): Send[] => [dummy('d0', 1), dummy('d1', 2), set(1, 1), set(2, 1), set(3, 1)]

const rule = (
  type: number,
  of: number,
  attrs: Bytes,
  { action = 1, flags = CREATE, head = [0, 0, 0, 100] } = {},
): Send =>
  ask(type, type === RTM_NEWRULE ? flags : REQ, [...[of, ...head, 0, 0, action].flatMap(u8), ...u32(0), ...attrs])
const addRule = (of: number, attrs: Bytes = [], o = {}): Send => rule(RTM_NEWRULE, of, attrs, o)
const delRule = (of: number, attrs: Bytes = [], o = {}): Send => rule(RTM_DELRULE, of, attrs, o)
const rules = (of: number): Send => ask(RTM_GETRULE, DUMP, [of, ...new Array<number>(11).fill(0)])
const priority = (n: number): Bytes => attr(F.priority, u32(n))

const pause = (seconds: number): Step => ({ op: 'pause', seconds })
const expires = (seconds: number): Bytes => attr(R.expires, u32(seconds))

export const KEPT_IP: readonly Kept[] = [
  {
    file: 'routes-of-ipv6-that-end',
    rule: 'IPv6 routes that have ended lead nowhere, and are removed by the next look, every 30 seconds since the first came',
    groups,
    steps: [
      ...devices(),
      // Some seconds pass with each step: lifetimes are shorter than that, or much longer.
      addAddress('2001:db8::1/64', 2, attr(A.cacheInfo, [...u32(300), ...u32(300), ...u32(0), ...u32(0)])),
      addAddress('2001:db8::2/64', 2),
      delAddress('2001:db8::2/64'),
      add('2001:db8:1::/48', [...oif(2), ...expires(200)]),
      add('2001:db8:1::/48', [...oif(3), ...attr(R.priority, u32(2000))]),
      add('2001:db8:3::/48', [...oif(2), ...expires(-1)]),
      pause(100),
      get('2001:db8:1::9'),
      pause(200),
      get('2001:db8:1::9'),
      pause(200),
      dump(V6),
      add('2001:db8:2::/48', [...hops(hop(via('fe80::8'), 2), hop(via('fe80::9'), 2)), ...expires(1)]),
      add('2001:db8:5::/48', [...oif(2), ...expires(0)], { table: 44 }),
      pause(3),
      get('2001:db8:2::9'),
      add('2001:db8:9::/48', via('2001:db8:2::9')),
      dump(V6),
      pause(100),
      dump(V6),
    ],
  },
  {
    file: 'routes-of-ipv6-several-ways',
    rule: 'IPv6 joins routes through gateways, replaces those of a kind, and takes back what it began',
    groups,
    steps: [
      ...devices(),
      addAddress('2001:db8::1/64'),
      addAddress('fd00::1/64', 3),
      add(
        '2001:db8:2::/48',
        hops(hop(attr(NEXTHOP.ids.gateway, ip('2001:db8::8'))), hop(attr(NEXTHOP.ids.gateway, ip('fd00::9')))),
      ),
      add('2001:db8:2::/48', via('2001:db8::7'), { flags: CHANGE | NLM_F_APPEND }),
      add('2001:db8:2::/48', [...oif(3), ...attr(R.priority, u32(2000))]),
      add('2001:db8:2::/48', via('2001:db8::6'), { flags: CHANGE | NLM_F_REPLACE }),
      add('2001:db8:2::/48', hops(hop(via('2001:db8::6')), hop(via('2001:db8::6')))),
      add('2001:db8:2::/48', hops(hop(via('2001:db8::5')), hop(via('2001:db8::6'))), { flags: CHANGE | NLM_F_REPLACE }),
      add('2001:db8:3::/48', hops(hop(via('2001:db8::5')), hop(via('2001:db8::6'))), { type: 7 }),
      add('2001:db8:3::/48', hops(hop(via('2001:db8::5'))), { type: 7 }),
      add('2001:db8:4::/48', hops(hop([], 2))),
      add('2001:db8:4::/48', via('2001:db8::6'), { flags: REQ | NLM_F_REPLACE }),
      add('::/0', oif(2), { flags: REQ | NLM_F_REPLACE, table: 100 }),
      dump(V6),
      del('2001:db8:2::/48', via('2001:db8::6')),
      del('::/0'),
      del('2001:db8:2::/48', [], { rtm: 0x200 }),
      del('2001:db8:2::/48'),
      set(3, 0),
    ],
  },
  {
    file: 'routes-of-ipv6-to-the-loopback',
    rule: 'IPv6 routes to the loopback lead nowhere; gateways are not looked for behind them',
    groups,
    steps: [
      ...devices(),
      addAddress('2001:db8::1/64'),
      add('2001:db8:1::/48', [...oif(1), ...attr(R.pref, u8(1))]),
      add('2001:db8:2::/48', attr(R.pref, u8(1)), { type: 7 }),
      add('2001:db8:3::/48', oif(1), { type: 10 }),
      add('2001:db8:4::/48', oif(2), { type: 10 }),
      add('2001:db8:5::/48', via('2001:db8:1::9')),
      add('2001:db8:5::/48', [...via('fe80::9'), ...oif(1)]),
      add('2001:db8:5::/48', [...via('2001:db8::1'), ...oif(2)]),
      add('2001:db8:5::/48', [...via('2001:db8::9'), ...oif(2), ...attr(R.prefsrc, ip('::1'))]),
      ...['2001:db8:1::9', '2001:db8:2::9', '2001:db8:3::9', '2001:db8:4::9'].map((text) => get(text)),
      get('::1', attr(R.iif, u32(2))),
      get('ff02::1', attr(R.iif, u32(2))),
      get('2001:db8::1', attr(R.iif, u32(3)), 0x2000),
      set(1, 0),
      add('2001:db8:6::/48', oif(1)),
      add('2001:db8:7::/48', [], { type: 7 }),
    ],
  },
  {
    file: 'routes-of-ipv6-by-source',
    rule: 'IPv6 routes by source come before those to the same prefix, and are listed before what is inside it',
    groups,
    steps: [
      ...devices(),
      addAddress('2001:db8::1/64'),
      add('2001:db8::/32', oif(2)),
      add('2001:db8::/32', [...oif(3), ...attr(R.src, ip('fd00::'))], { src: 16 }),
      add('2001:db8::/32', [...oif(3), ...attr(R.src, ip('fd00:1::'))], { src: 32 }),
      get('2001:db8:9::9'),
      get('2001:db8:9::9', attr(R.src, ip('fd00:1::1'))),
      dump(V6),
      del('2001:db8::/32', attr(R.src, ip('fd00::')), { src: 16 }),
      del('2001:db8::/32', attr(R.src, ip('fd00:2::')), { src: 32 }),
      del('2001:db8::/64', attr(R.src, ip('fd00:2::')), { src: 32 }),
    ],
  },
  {
    file: 'sources-of-ipv6',
    rule: 'The source that IPv6 chooses: scope, home addresses, the device, labels, the common prefix as far as the network goes',
    groups,
    steps: [
      ...devices(),
      addAddress('2001:db8::1/10'),
      addAddress('2001:db8:0:1::1/64', 3),
      addAddress('fd00::1/64', 3),
      ...['::', '::1', 'fd00::9', '2001:db8::9', '2001:db8:0:1::9', 'ff05::1', 'fec0::1', '::ffff:10.0.0.1'].map(
        (text) => get(text),
      ),
      addAddress('2001:db8::2/128', 3, attr(A.flags, u32(0x10))),
      get('2001:db8::9'),
    ],
  },
  {
    file: 'addresses-come-back-with-their-device',
    rule: 'What a device that comes up brings: networks of lasting addresses, 127.0.0.1 again, labels that follow its name',
    groups,
    steps: [
      dummy('d0', 1),
      addAddress('2001:db8::1/64'),
      addAddress('10.0.0.1/24'),
      addAddress('10.0.1.1/24'),
      addAddress('10.0.2.1/24', 2, attr(A.label, str('d0:x'))),
      set(2, 1),
      send(modify(name('longer0'), { index: 2 }), { wait: 1 }),
      addAddress('10.1.0.1/16', 1),
      set(1, 1),
      delAddress('127.0.0.1/8', 1),
      set(1, 0),
      set(1, 1),
      send(modify(attr(LINK.ids.mtu, u32(1000)), { index: 1 }), { wait: 1 }),
      set(1, 0),
      set(1, 1),
      send(modify(attr(LINK.ids.mtu, u32(60)), { index: 2 }), { wait: 1 }),
    ],
  },
  {
    file: 'labels-of-sources',
    rule: 'Sources of site-local destinations and of 6bone have labels of their own',
    groups,
    steps: [
      ...devices(),
      addAddress('2001:db8::3/64'),
      addAddress('fd00::2/128'),
      addAddress('fd00::1/0'),
      ...['fec0::9', '3ffe::9', 'fd00::9', '2001:db9::9'].map((text) => get(text)),
    ],
  },
  {
    file: 'ipv4-routes-by-source',
    rule: 'An address that goes takes along the routes that send from it, which are told of',
    groups,
    steps: [
      ...devices(),
      addAddress('10.0.0.1/24'),
      addAddress('10.0.9.1/24', 3),
      add('10.2.0.0/16', [...oif(3), ...attr(R.prefsrc, ip('10.0.0.1'))]),
      add('10.3.0.0/16', [...hops(hop([], 2), hop([], 3)), ...attr(R.prefsrc, ip('10.0.0.1'))], { rtm: 0x102 }),
      add('10.4.0.0/16', attr(R.prefsrc, ip('10.0.0.1')), { type: 7 }),
      add('10.5.0.0/16', [...oif(3), ...attr(R.prefsrc, ip('10.0.0.1'))], { table: 100 }),
      delAddress('10.0.0.1/24'),
      dump(V4),
      ...[RTM_NEWROUTE, RTM_DELROUTE].flatMap((type) =>
        [0, 3, 11].map((length) => ask(type, REQ, [V4, ...new Array<number>(length).fill(0)])),
      ),
    ],
  },
  {
    file: 'networks-that-others-need',
    rule: 'The route to a network stays when an address leaves it as long as another one of the device is in it',
    groups,
    steps: [
      ...devices(),
      ...[[], attr(A.flags, u32(0x200))].flatMap((other) => [
        addAddress('2001:db8::1/64'),
        addAddress('2001:db8::2/64', 2, other),
        addAddress('2001:db8::1/64', 2, attr(A.flags, u32(0x200)), REQ | NLM_F_REPLACE),
        dump(V6),
        addAddress('2001:db8::1/64', 2, [], REQ | NLM_F_REPLACE),
        delAddress('2001:db8::1/64'),
        dump(V6),
        delAddress('2001:db8::2/64'),
      ]),
      addAddress('2001:db8::1/64', 2, attr(A.flags, [])),
      addAddress('2001:db8::1/64', 2, attr(A.rtPriority, [1])),
    ],
  },
  {
    file: 'ipv4-routes-in-use',
    rule: 'What a route in use says: flags by device and type, the table that answered, no gateway that was not needed',
    groups,
    steps: [
      ...devices(),
      addAddress('10.0.0.1/24'),
      addAddress('10.0.9.1/24', 2, attr(A.broadcast, ip('10.0.9.255'))),
      add('10.2.0.0/16', [...via('10.0.0.9'), ...attr(R.flow, u32(7))]),
      add('10.3.0.0/16', hops(hop(attr(NEXTHOP.ids.flow, u32(3)), 2), hop([], 3))),
      add('10.4.0.0/16', [...hops(hop([], 2)), ...attr(R.flow, u32(3))]),
      add(
        '10.5.0.0/16',
        [...attr(R.prefsrc, ip('224.0.0.5')), ...nest(R.metrics, attr(7, u32(0)), attr(1, u32(0xffff)))],
        { type: 6 },
      ),
      add('10.5.0.0/16', attr(R.prefsrc, ip('224.0.0.5')), { type: 6 }),
      ...['10.2.0.1', '10.0.0.255', '10.0.0.1', '224.0.0.5', '224.0.0.1', '0.0.0.1', '127.0.0.2'].map((text) =>
        get(text, [], 0x1000),
      ),
      ...['10.2.0.1', '10.0.0.1'].map((text) => get(text, [], 0x3000)),
      get('10.9.0.1', oif(1)),
      get('10.0.0.9', [...attr(R.iif, u32(3)), ...attr(R.uid, u32(0))]),
      dump(V4, 0x800),
      delAddress('10.0.0.1/24'),
    ],
  },
  ...[V4, V6].map(
    (of): Kept => ({
      file: `rules-of-ipv${of === V4 ? 4 : 6}`,
      rule: 'Rules come before those with a greater priority, are asked in order, and go by what a request says of them',
      groups,
      steps: [
        ...devices(),
        addAddress(of === V4 ? '10.0.0.1/24' : '2001:db8::1/64'),
        addRule(of),
        addRule(of, priority(100)),
        addRule(of, priority(100)),
        addRule(of, [...priority(50), ...attr(F.goto, u32(200))], { action: 2, head: [0, 0, 0, 0] }),
        addRule(of, [...priority(50), ...attr(F.goto, u32(40))], { action: 2 }),
        addRule(of, [...priority(51), ...attr(F.iifname, str('d0')), ...attr(F.oifname, str('nobody'))]),
        addRule(of, [...priority(52), ...attr(F.fwmark, u32(5)), ...attr(F.sportRange, [...u16(80), ...u16(80)])]),
        addRule(of, [...priority(53), ...attr(F.dportRange, [...u16(80), ...u16(90)]), ...attr(F.ipProto, u8(6))]),
        addRule(of, [...priority(54), ...attr(F.dscp, u8(4)), ...attr(F.uidRange, [...u32(0), ...u32(5)])]),
        addRule(of, [...priority(200), ...attr(F.suppressPrefixlen, u32(0)), ...attr(F.table, u32(254))]),
        addRule(of, [], { head: [0, 0, 0, 0] }),
        addRule(of, [], { head: [8, 0, 0, 100] }),
        addRule(of, [...priority(60), ...attr(F.goto, u32(40)), ...attr(F.dportRange, [...u16(0), ...u16(80)])], {
          action: 2,
        }),
        addRule(of, [], { head: [0, 0, 1, 100] }),
        addRule(of, attr(F.iifname, str('averylonginterface'))),
        rules(of),
        get(of === V4 ? '10.0.0.9' : '2001:db8::9'),
        get(of === V4 ? '10.0.0.1' : '2001:db8::1', [], 0x1000),
        delRule(of, priority(200), { head: [0, 0, 0, 254] }),
        addRule(of, priority(10), { action: 8, head: [0, 0, 0, 0] }),
        get(of === V4 ? '10.0.0.9' : '2001:db8::9'),
        delRule(of, priority(10), { action: 0, head: [0, 0, 0, 0] }),
        delRule(of, priority(77)),
        delRule(of, [], { action: 0, head: [0, 0, 0, 0] }),
        rules(of),
        get(of === V4 ? '10.0.0.1' : '2001:db8::1'),
      ],
    }),
  ),
]
