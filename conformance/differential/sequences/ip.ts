import {
  ADDR,
  ipBytes,
  NEXTHOP,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  ROUTE,
  RTM_DELADDR,
  RTM_DELROUTE,
  RTM_DELRULE,
  RTM_GETADDR,
  RTM_GETROUTE,
  RTM_GETRULE,
  RTM_NEWADDR,
  RTM_NEWROUTE,
  RTM_NEWRULE,
  RULE,
} from '@netkit/netlink'
import type { Chance } from '../chance.ts'
import type { PlacedAddress } from '../embedded.ts'
import { attr, type Bytes, DUMP, message, nest, REQ, str, u8, u16, u32 } from '../wire.ts'
import type { Plan } from './plan.ts'

/** Requests about addresses and routes from a namespace. */

const A = ADDR.ids
const R = ROUTE.ids
const F = RULE.ids
const V4 = 2
const V6 = 10
const NLM_F_ECHO = 8

const ip = (text: string): Bytes => [...(ipBytes(text) ?? [])]

const ADDRESSES: Readonly<Record<number, readonly string[]>> = {
  [V4]: [
    '10.0.0.1',
    '10.0.0.2',
    '10.0.0.3',
    '10.0.1.1',
    '10.1.0.1',
    '192.168.0.1',
    '192.168.0.2',
    '192.168.0.0',
    '10.0.0.255',
    '127.0.0.2',
    '0.0.0.0',
    '0.0.0.1',
    '224.0.0.5',
    '255.255.255.255',
    '172.16.0.1',
  ],
  [V6]: [
    '2001:db8::1',
    '2001:db8::2',
    '2001:db8::3',
    '2001:db8:0:1::1',
    'fd00::1',
    'fd00::2',
    'fe80::1',
    'fe80::2',
    '::1',
    '::',
    'ff02::5',
    '::ffff:10.0.0.1',
    '2001:db8::',
    'fec0::1',
  ],
}
const LENGTHS: Readonly<Record<number, readonly number[]>> = {
  [V4]: [0, 8, 16, 24, 24, 24, 30, 31, 32, 32, 33],
  [V6]: [0, 10, 48, 64, 64, 64, 127, 128, 128, 129],
}
const PREFIXES: Readonly<Record<number, readonly (readonly [string, number])[]>> = {
  [V4]: [
    ['0.0.0.0', 0],
    ['0.0.0.0', 0],
    ['10.0.0.0', 8],
    ['10.0.0.0', 24],
    ['10.0.0.0', 16],
    ['10.2.0.0', 16],
    ['10.2.0.0', 24],
    ['10.2.0.1', 32],
    ['10.0.0.2', 32],
    ['192.168.0.0', 16],
    ['10.0.0.1', 24],
    ['10.0.0.1', 33],
    ['127.0.0.1', 32],
  ],
  [V6]: [
    ['::', 0],
    ['::', 0],
    ['2001:db8::', 32],
    ['2001:db8::', 64],
    ['2001:db8:2::', 48],
    ['2001:db8:2::1', 128],
    ['fd00::', 8],
    ['fe80::', 64],
    ['ff00::', 8],
    ['2001:db8::1', 64],
    ['2001:db8::1', 129],
    ['::1', 128],
  ],
}

export const family = (c: Chance): number => (c.oneIn(2) ? V4 : V6)
/** An address, now and then of the wrong family. */
const address = (c: Chance, of: number): Bytes => ip(c.pick(ADDRESSES[c.oneIn(60) ? 12 - of : of]))
const flags = (c: Chance, common: number): number => REQ | common | (c.oneIn(10) ? NLM_F_ECHO : 0)
const maybe = (c: Chance, n: number, make: () => Bytes): Bytes => (c.oneIn(n) ? make() : [])

const addrHead = (of: number, length: number, head: number, scope: number, index: number): Bytes => [
  ...u8(of),
  ...u8(length),
  ...u8(head),
  ...u8(scope),
  ...u32(index),
]

const lifetimes = (c: Chance): Bytes => {
  const [valid, preferred] = c.pick([
    [-1, -1],
    [100_000, 50_000],
    [100_000, 0],
    [0, 0],
    [10, 20],
    [-1, 100_000],
    [100_000, 100_000],
  ])
  return [...u32(preferred), ...u32(valid), ...u32(0), ...u32(0)]
}

const ADDR_FLAGS = [0x02, 0x200, 0x200, 0x01, 0x40, 0x80, 0x20, 0x100, 0x04, 0x10, 0x08, 0x800]

function addrAttrs(c: Chance, of: number): Bytes {
  const main = c.weighted<() => Bytes>([
    [10, () => attr(A.local, address(c, of))],
    [10, () => attr(A.address, address(c, of))],
    [6, () => [...attr(A.local, address(c, of)), ...attr(A.address, address(c, of))]],
    [1, () => []],
  ])()
  const both = of === V4 && c.oneIn(2) ? attr(A.local, address(c, of)) : []
  return [...main, ...both, ...moreOfAddr(c)]
}

/** What addresses say beside who they are. */
function moreOfAddr(c: Chance): Bytes {
  return [
    ...maybe(c, 4, () =>
      attr(A.broadcast, c.oneIn(9) ? u16(1) : ip(c.pick(['10.0.0.255', '10.0.0.0', '255.255.255.255', '10.9.9.9']))),
    ),
    ...maybe(c, 6, () => attr(A.label, str(c.pick(['d0', 'd0:1', 'x', 'averylonglabelname'])))),
    ...maybe(c, 5, () => attr(A.cacheInfo, c.oneIn(12) ? u32(1) : lifetimes(c))),
    ...maybe(c, 3, () => attr(A.flags, u32(c.pick(ADDR_FLAGS) | c.pick(ADDR_FLAGS)))),
    ...maybe(c, 6, () => attr(A.rtPriority, u32(c.pick([0, 1, 100, 1024])))),
    ...maybe(c, 8, () => attr(A.proto, u8(c.below(5)))),
    ...maybe(c, 40, () => attr(c.below(14), u32(c.below(9)))),
  ]
}

/** The index of a device that there is, mostly. */
const deviceOf = (p: Plan, ns: string): number =>
  p.c.oneIn(12) ? p.c.below(9) : p.c.oneIn(8) ? 1 : p.device(ns).ifindex

/** One that the device has is changed, or added once more. */
function againAddr(p: Plan, index: number, { family: of, local, prefixLength }: PlacedAddress): Bytes {
  const { c } = p
  const how = c.pick([NLM_F_CREATE | NLM_F_EXCL, NLM_F_REPLACE, NLM_F_REPLACE, NLM_F_CREATE | NLM_F_REPLACE])
  const length = c.oneIn(6) ? c.pick(LENGTHS[of]) : prefixLength
  const peer = of === V4 && c.oneIn(2) ? attr(A.address, local) : []
  return message(
    { type: RTM_NEWADDR, flags: flags(c, how) },
    addrHead(of, length, 0, 0, index),
    attr(A.local, local),
    c.oneIn(6) ? attr(A.address, address(c, of)) : peer,
    moreOfAddr(c),
  )
}

export function newAddr(p: Plan, ns: string): Bytes {
  const { c } = p
  const index = deviceOf(p, ns)
  const known = c.oneIn(4) ? p.addressOf(ns, index) : undefined
  if (known) return againAddr(p, index, known)
  const of = family(c)
  const how = c.pick([
    0,
    NLM_F_CREATE | NLM_F_EXCL,
    NLM_F_CREATE | NLM_F_EXCL,
    NLM_F_CREATE | NLM_F_REPLACE,
    NLM_F_REPLACE,
  ])
  const head = addrHead(
    of,
    c.pick(LENGTHS[of]),
    c.oneIn(9) ? c.pick([1, 2, 0x80]) : 0,
    c.pick([0, 0, 0, 253, 254, 200]),
    index,
  )
  return message({ type: RTM_NEWADDR, flags: flags(c, how) }, head, addrAttrs(c, of))
}

export function delAddr(p: Plan, ns: string): Bytes {
  const { c } = p
  const index = deviceOf(p, ns)
  const known = c.oneIn(2) ? p.addressOf(ns, index) : undefined
  if (known) {
    const at = addrHead(known.family, known.prefixLength, 0, 0, index)
    return message({ type: RTM_DELADDR, flags: flags(c, 0) }, at, attr(A.local, known.local))
  }
  const of = family(c)
  const head = addrHead(of, c.pick(LENGTHS[of]), 0, 0, index)
  const attrs = [
    ...maybe(c, 2, () => attr(A.address, address(c, of))),
    ...maybe(c, 2, () => attr(A.local, address(c, of))),
    ...maybe(c, 12, () => attr(A.label, str(c.pick(['d0', 'd1', 'd0:1', 'x'])))),
  ]
  return message({ type: RTM_DELADDR, flags: flags(c, 0) }, head, attrs)
}

export function getAddr(p: Plan, ns: string): Bytes {
  const { c } = p
  const of = c.pick([0, V4, V6, V6, 7])
  const head = addrHead(of, c.oneIn(20) ? 1 : 0, 0, 0, c.oneIn(3) ? deviceOf(p, ns) : 0)
  if (c.oneIn(3))
    return message(
      { type: RTM_GETADDR, flags: REQ },
      head,
      c.oneIn(2) ? attr(A.address, address(c, V6)) : attr(A.local, address(c, V6)),
    )
  return message({ type: RTM_GETADDR, flags: DUMP }, head, ...(c.oneIn(6) ? [attr(c.below(12), u32(c.below(3)))] : []))
}

interface RouteHead {
  readonly of: number
  readonly dst?: number
  readonly src?: number
  readonly tos?: number
  readonly table?: number
  readonly protocol?: number
  readonly scope?: number
  readonly type?: number
  readonly flags?: number
}

const routeHead = (h: RouteHead): Bytes => [
  ...u8(h.of),
  ...u8(h.dst ?? 0),
  ...u8(h.src ?? 0),
  ...u8(h.tos ?? 0),
  ...u8(h.table ?? 254),
  ...u8(h.protocol ?? 4),
  ...u8(h.scope ?? 0),
  ...u8(h.type ?? 1),
  ...u32(h.flags ?? 0),
]

const GATEWAYS: Readonly<Record<number, readonly string[]>> = {
  [V4]: ['10.0.0.9', '10.0.0.8', '10.0.0.1', '192.168.0.9', '1.2.3.4', '0.0.0.0', '127.0.0.1', '10.0.0.255'],
  [V6]: [
    '2001:db8::9',
    '2001:db8::8',
    'fe80::9',
    'fe80::1',
    'fd00::9',
    '2001:db8::1',
    '::',
    'ff02::1',
    '::ffff:1.2.3.4',
    '::1',
  ],
}
const gateway = (c: Chance, of: number): Bytes => ip(c.pick(GATEWAYS[c.oneIn(40) ? 12 - of : of]))
const via = (c: Chance): Bytes => {
  const of = c.oneIn(3) ? V4 : V6
  return attr(R.via, [...u16(c.oneIn(20) ? 7 : of), ...gateway(c, of)])
}

function metrics(c: Chance): Bytes {
  const one = (): Bytes =>
    c.weighted<() => Bytes>([
      [8, () => attr(1 + c.below(15), u32(c.pick([0, 1, 100, 1400, 70000, 0xffff])))],
      [2, () => attr(2, u32(c.pick([1280, 1400, 65535])))],
      [1, () => attr(16, str(c.pick(['cubic', 'reno', 'nonesuch'])))],
      [1, () => attr(17, u32(1))],
      [1, () => attr(18, u32(1))],
      [1, () => attr(2, u16(1))],
    ])()
  return nest(R.metrics, ...Array.from({ length: c.below(4) }, one))
}

function nexthops(p: Plan, ns: string, of: number): Bytes {
  const { c } = p
  const one = (): Bytes => {
    const attrs = [
      ...maybe(c, 9, () => via(c)),
      ...(c.oneIn(4) ? [] : attr(NEXTHOP.ids.gateway, gateway(c, of))),
      ...maybe(c, 9, () => attr(NEXTHOP.ids.flow, u32(3))),
    ]
    return [
      ...u16(8 + attrs.length),
      ...u8(c.oneIn(6) ? c.pick([1, 2, 4, 4, 16]) : 0),
      ...u8(c.below(3)),
      ...u32(c.oneIn(2) ? deviceOf(p, ns) : 0),
      ...attrs,
    ]
  }
  const list = Array.from({ length: c.pick([0, 1, 2, 2, 2, 3]) }, one).flat()
  return attr(R.multipath, c.oneIn(20) ? [...list, 1, 2] : list)
}

/** Any attribute but the time after which a route goes: that would depend on how fast a kernel plays. */
const other = (c: Chance): number => {
  const id = c.below(33)
  return id === R.expires ? 0 : id
}

/** What routes are about, to add them and to take them away. */
function routeAttrs(p: Plan, ns: string, of: number, prefix: string): Bytes {
  const { c } = p
  const way = c.weighted<() => Bytes>([
    [10, () => attr(R.gateway, gateway(c, of))],
    [8, () => attr(R.oif, u32(deviceOf(p, ns)))],
    [6, () => [...attr(R.gateway, gateway(c, of)), ...attr(R.oif, u32(deviceOf(p, ns)))]],
    [2, () => [...via(c), ...maybe(c, 2, () => attr(R.oif, u32(deviceOf(p, ns))))]],
    [6, () => nexthops(p, ns, of)],
    [1, () => [...nexthops(p, ns, of), ...attr(R.oif, u32(deviceOf(p, ns)))]],
    [2, () => []],
  ])()
  return [
    ...(prefix === '0.0.0.0' || prefix === '::' ? [] : attr(R.dst, ip(prefix))),
    ...way,
    ...maybe(c, 4, () => attr(R.priority, u32(c.pick([0, 1, 10, 100, 1024])))),
    ...maybe(c, 6, () => attr(R.prefsrc, address(c, of))),
    ...maybe(c, 6, () => metrics(c)),
    ...maybe(c, 6, () => attr(R.table, u32(c.pick([254, 255, 253, 100, 1000, 0])))),
    ...maybe(c, 12, () => attr(R.pref, u8(c.below(5)))),
    ...maybe(c, 20, () => attr(R.expires, u32(100_000))),
    ...maybe(c, 20, () => attr(R.flow, u32(c.below(9)))),
    ...maybe(c, 30, () => attr(R.src, address(c, of))),
    ...maybe(c, 30, () => attr(other(c), c.pick([u32(c.below(9)), u8(1), u16(2)]))),
  ]
}

const TYPES = [1, 1, 1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0]
const TABLES = [254, 254, 254, 254, 254, 0, 100, 253, 255]

function head(c: Chance, of: number, length: number, adds: boolean): Bytes {
  return routeHead({
    of,
    dst: length,
    src: c.oneIn(40) ? 24 : 0,
    tos: c.oneIn(15) ? c.pick([4, 8, 16, 1, 3]) : 0,
    table: c.pick(TABLES),
    protocol: c.pick([4, 4, 4, 3, 0, 2, 186]),
    scope: c.pick(adds ? [0, 0, 0, 253, 253, 254, 255, 200] : [255, 255, 255, 0, 253]),
    type: adds || c.oneIn(2) ? c.pick(TYPES) : 0,
    flags: c.oneIn(8) ? c.pick([4, 4, 1, 2, 16, 0x100, 0x200]) : 0,
  })
}

export function newRoute(p: Plan, ns: string): Bytes {
  const { c } = p
  const of = family(c)
  const [prefix, length] = c.pick(PREFIXES[of])
  const how = c.pick([
    NLM_F_CREATE | NLM_F_EXCL,
    NLM_F_CREATE | NLM_F_EXCL,
    NLM_F_CREATE,
    NLM_F_CREATE | NLM_F_REPLACE,
    NLM_F_CREATE | NLM_F_APPEND,
    NLM_F_REPLACE,
    0,
  ])
  return message({ type: RTM_NEWROUTE, flags: flags(c, how) }, head(c, of, length, true), routeAttrs(p, ns, of, prefix))
}

export function delRoute(p: Plan, ns: string): Bytes {
  const { c } = p
  const of = family(c)
  const [prefix, length] = c.pick(PREFIXES[of])
  const attrs = c.oneIn(2) ? (length === 0 ? [] : attr(R.dst, ip(prefix))) : routeAttrs(p, ns, of, prefix)
  return message({ type: RTM_DELROUTE, flags: flags(c, 0) }, head(c, of, length, false), attrs)
}

export function dumpRoutes(p: Plan, ns: string): Bytes {
  const { c } = p
  const h = routeHead({
    of: c.pick([0, V4, V6]),
    table: c.oneIn(4) ? c.pick(TABLES) : 0,
    protocol: c.oneIn(4) ? c.pick([2, 4]) : 0,
    type: c.oneIn(6) ? c.pick([1, 2, 6]) : 0,
    flags: c.oneIn(6) ? c.pick([0x200, 0x800, 0x1000]) : 0,
  })
  const attrs = [
    ...maybe(c, 4, () => attr(R.table, u32(c.pick([254, 255, 100, 1234])))),
    ...maybe(c, 5, () => attr(R.oif, u32(deviceOf(p, ns)))),
    ...maybe(c, 15, () => attr(c.below(32), u32(1))),
  ]
  return message({ type: RTM_GETROUTE, flags: DUMP }, h, attrs)
}

/** Asks for the way to an address. */
export function getRoute(p: Plan, ns: string): Bytes {
  const { c } = p
  const of = family(c)
  const bits = of === V4 ? 32 : 128
  const withSrc = c.oneIn(5)
  const attrs = [
    ...(c.oneIn(15) ? [] : attr(R.dst, c.oneIn(2) ? address(c, of) : gateway(c, of))),
    ...(withSrc ? attr(R.src, address(c, of)) : []),
    ...maybe(c, 4, () => attr(R.oif, u32(deviceOf(p, ns)))),
    ...maybe(c, 12, () => attr(R.iif, u32(deviceOf(p, ns)))),
    ...maybe(c, 12, () => attr(R.mark, u32(c.below(3)))),
    ...maybe(c, 12, () => attr(R.uid, u32(c.below(3)))),
  ]
  const h = routeHead({
    of,
    dst: c.oneIn(20) ? 24 : bits,
    src: withSrc ? bits : 0,
    table: 0,
    protocol: 0,
    type: 0,
    flags: c.oneIn(3) ? c.pick([0x1000, 0x2000, 0x3000, 0x100]) : 0,
  })
  return message({ type: RTM_GETROUTE, flags: REQ }, h, attrs)
}

const ports = (c: Chance): Bytes => [...u16(c.pick([80, 80, 0])), ...u16(c.pick([80, 80, 90]))]

/** Who is asked by which rule; now and then nonsense. */
function ruleAttrs(c: Chance, of: number): Bytes {
  return [
    ...maybe(c, 3, () => attr(F.priority, u32(c.pick([0, 1, 100, 100, 200, 32766, 40000])))),
    ...maybe(c, 4, () => attr(F.src, address(c, of))),
    ...maybe(c, 4, () => attr(F.dst, address(c, of))),
    ...maybe(c, 6, () => attr(F.iifname, str(c.pick(['lo', 'd0', 'nk0', 'nobody', 'averylonginterface'])))),
    ...maybe(c, 6, () => attr(F.oifname, str(c.pick(['lo', 'd0', 'nk1', 'nobody'])))),
    ...maybe(c, 6, () => attr(F.fwmark, u32(c.below(3)))),
    ...maybe(c, 9, () => attr(F.fwmask, u32(c.pick([0, 1, 0xff])))),
    ...maybe(c, 5, () => attr(F.goto, u32(c.pick([0, 100, 200, 32766, 50000])))),
    ...maybe(c, 8, () => attr(F.suppressPrefixlen, u32(c.pick([0, 8, 24])))),
    ...maybe(c, 12, () => attr(F.suppressIfgroup, u32(c.below(3)))),
    ...maybe(c, 5, () => attr(F.table, u32(c.pick([0, 100, 254, 255, 1000])))),
    ...maybe(c, 8, () => attr(F.ipProto, u8(c.pick([0, 1, 6, 17])))),
    ...maybe(c, 9, () => attr(F.sportRange, ports(c))),
    ...maybe(c, 9, () => attr(F.dportRange, ports(c))),
    ...maybe(c, 9, () => attr(F.uidRange, [...u32(c.below(3)), ...u32(c.pick([0, 1, 5, -1]))])),
    ...maybe(c, 9, () => attr(F.protocol, u8(c.pick([2, 3, 4])))),
    ...maybe(c, 12, () => attr(F.dscp, u8(c.pick([0, 1, 4, 64])))),
    ...maybe(c, 20, () => attr(F.l3mdev, u8(c.below(3)))),
    ...maybe(c, 20, () => attr(F.tunId, [...u32(0), ...u32(7)])),
    ...maybe(c, 20, () => attr(c.pick([F.flow, F.sportMask, F.dportMask, F.dscpMask, 31, 40]), u8(c.below(5)))),
  ]
}

const ACTIONS = [1, 1, 1, 1, 1, 2, 3, 6, 7, 8, 0, 9]

/** Adds a rule or takes one away. */
const ruleOf =
  (type: number) =>
  (p: Plan, _: string): Bytes => {
    const { c } = p
    const of = c.oneIn(30) ? 7 : family(c)
    const bits = of === V4 ? 32 : 128
    const h = [
      ...u8(of),
      ...u8(c.oneIn(3) ? c.pick([8, 24, bits, bits + 1]) : 0),
      ...u8(c.oneIn(3) ? c.pick([8, 24, bits, bits + 1]) : 0),
      ...u8(c.oneIn(9) ? c.pick([1, 4, 8, 16]) : 0),
      ...u8(c.pick([0, 100, 254, 254, 255])),
      ...u16(0),
      ...u8(c.pick(ACTIONS)),
      ...u32(c.oneIn(9) ? c.pick([1, 2, 2, 4, 0x100]) : 0),
    ]
    const how = type === RTM_NEWRULE ? c.pick([0, NLM_F_CREATE | NLM_F_EXCL, NLM_F_CREATE | NLM_F_EXCL]) : 0
    return message({ type, flags: flags(c, how) }, h, ruleAttrs(c, of === 7 ? V4 : of))
  }
export const newRule = ruleOf(RTM_NEWRULE)
export const delRule = ruleOf(RTM_DELRULE)

/** The dumps that show all of a namespace. */
export const ipDumps = (): Bytes[] => [
  ...[V4, V6].map((of) => message({ type: RTM_GETADDR, flags: DUMP }, addrHead(of, 0, 0, 0, 0))),
  ...[V4, V6].map((of) =>
    message({ type: RTM_GETROUTE, flags: DUMP }, routeHead({ of, table: 0, protocol: 0, type: 0 })),
  ),
  ...[V4, V6].map((of) =>
    message({ type: RTM_GETRULE, flags: REQ | NLM_F_DUMP }, [of, ...new Array<number>(11).fill(0)]),
  ),
]
