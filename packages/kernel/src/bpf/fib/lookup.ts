import { AF_INET, AF_INET6, errno, RT_TABLE_MAIN, RTAX_LOCK, RTAX_MTU, RTN_UNICAST } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { forwards4, forwards6 } from '../../net/forwarding.ts'
import { Flow, makeFound } from '../../net/ip/flow.ts'
import { inTable, lookup } from '../../net/ip/lookup.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import type { Neighbours } from '../../net/neighbours.ts'
import type { Nexthop, Route } from '../../net/route.ts'
import * as fib from './params.ts'

const { FIB, FIB_DIRECT, FIB_MARK, FIB_OUTPUT, FIB_RESULT, FIB_SKIP_NEIGH, FIB_SRC, FIB_TBID, FIB_VLAN_INPUT } = fib

const LOOPBACK_IFINDEX = 1
/** In the third word of an address of IPv4 as neighbours know it. */
const MAPPED = 0xffff
const MOST_MTU = 0xffff
const LEAST_MTU6 = 1280
const TOS_DSCP = 0xfc
const VLAN_TYPES = [0x8100, 0x88a8]
const ERRORS: ReadonlyMap<number, number> = new Map([
  [-errno.EINVAL, FIB_RESULT.BLACKHOLE],
  [-errno.EHOSTUNREACH, FIB_RESULT.UNREACHABLE],
  [-errno.EACCES, FIB_RESULT.PROHIBIT],
])

const flow = new Flow()
const found = makeFound()
const hop = new Int32Array(4)
const source = new Int32Array(4)

/** Where a question is asked, and of whom. */
export interface FibWorld {
  readonly view: DataView
  readonly u8: Uint8Array
  readonly ns: NetNamespace
  readonly neighbours: Neighbours | undefined
}

/**
 * Answers `bpf_fib_lookup`: the route of a packet that is described at `at`, and the addresses of its next frame. One of
 * FIB_RESULT, or a negative errno. Source: spec 02 §3.6, in its order.
 */
export function fibLookup(world: FibWorld, at: number, flags: number): number {
  const { view, ns } = world
  const family = view.getUint8(at + FIB.FAMILY)
  if (family !== AF_INET && family !== AF_INET6) return -errno.EAFNOSUPPORT
  if (family === AF_INET6 && (isNear(view, at + FIB.SRC) || isNear(view, at + FIB.DST))) return FIB_RESULT.NOT_FORWARDED
  const dev = ns.devices.get(view.getUint32(at + FIB.IFINDEX, true))
  if (dev === undefined) return -errno.ENODEV
  if ((flags & FIB_VLAN_INPUT) !== 0) {
    return VLAN_TYPES.includes(view.getUint16(at + FIB.VLAN)) ? FIB_RESULT.NOT_FORWARDED : -errno.EINVAL
  }
  const forwards =
    family === AF_INET ? dev.inet?.v4 === true && forwards4(dev) : dev.inet?.v6 === true && forwards6(dev)
  if (!forwards) return FIB_RESULT.FORWARDING_DISABLED
  ask(view, at, family, flags)
  const error = find(ns, view, at, flags)
  if (error !== 0) return ERRORS.get(error) ?? FIB_RESULT.NOT_FORWARDED
  const { route, nexthop } = found
  if (route === undefined || route.type !== RTN_UNICAST || nexthop?.device === undefined)
    return FIB_RESULT.NOT_FORWARDED
  const length = view.getUint16(at + FIB.MTU, true)
  const mtu = mtuOf(route, nexthop.device)
  if (length !== 0 && length > mtu) {
    view.setUint16(at + FIB.MTU, mtu, true)
    return FIB_RESULT.FRAGMENTATION_NEEDED
  }
  const result = tell(world, at, flags, route, nexthop)
  if (result !== FIB_RESULT.SUCCESS) return result
  view.setUint32(at + FIB.VLAN, 0, true)
  if (length !== 0) view.setUint16(at + FIB.MTU, mtu, true)
  return FIB_RESULT.SUCCESS
}

/** Multicast, link-local or loopback: never forwarded. */
function isNear(view: DataView, at: number): boolean {
  const first = view.getUint32(at)
  if (first >>> 24 === 0xff || first >>> 22 === 0x3fa) return true
  return first === 0 && view.getUint32(at + 4) === 0 && view.getUint32(at + 8) === 0 && view.getUint32(at + 12) === 1
}

function ask(view: DataView, at: number, family: number, flags: number): void {
  flow.reset(family)
  const words = family === AF_INET ? 1 : 4
  for (let word = 0; word < words; word++) {
    flow.src[word] = view.getInt32(at + FIB.SRC + 4 * word)
    flow.dst[word] = view.getInt32(at + FIB.DST + 4 * word)
  }
  const ifindex = view.getUint32(at + FIB.IFINDEX, true)
  const isOutput = (flags & FIB_OUTPUT) !== 0
  flow.iif = isOutput ? LOOPBACK_IFINDEX : ifindex
  flow.oif = isOutput ? ifindex : 0
  flow.mark = (flags & FIB_MARK) !== 0 ? view.getInt32(at + FIB.MARK, true) : 0
  flow.tos =
    family === AF_INET ? view.getUint8(at + FIB.METRIC) & TOS_DSCP : (view.getUint32(at + FIB.METRIC) >>> 20) & 0xff
  flow.ipProto = view.getUint8(at + FIB.PROTOCOL)
  flow.sport = view.getUint16(at + FIB.SPORT)
  flow.dport = view.getUint16(at + FIB.DPORT)
}

/** 0 with `found` filled in, or the errno of a route that leads nowhere; other numbers where there is none. */
function find(ns: NetNamespace, view: DataView, at: number, flags: number): number {
  if ((flags & FIB_DIRECT) === 0) return lookup(ns, flow, found)
  const number = (flags & FIB_TBID) !== 0 ? view.getUint32(at + FIB.VLAN, true) : RT_TABLE_MAIN
  const routes = flow.family === AF_INET ? ns.ip.v4 : ns.ip.v6
  const table = number === RT_TABLE_MAIN ? routes.main : routes.tables.get(number)
  found.route = undefined
  found.nexthop = undefined
  return table === undefined ? -errno.ENETUNREACH : inTable(table, flow, found)
}

/** IPv4 takes a route's word for its MTU only where that is locked. */
function mtuOf({ family, metrics }: Route, dev: Device): number {
  const own = metrics?.[RTAX_MTU] ?? 0
  if (family === AF_INET6) return own !== 0 ? own : Math.max(dev.inet?.mtu ?? 0, LEAST_MTU6)
  const isLocked = ((metrics?.[RTAX_LOCK] ?? 0) & (1 << RTAX_MTU)) !== 0
  return isLocked && own !== 0 ? own : Math.min(dev.mtu, MOST_MTU)
}

/** Writes down where the packet goes, and under which addresses. */
function tell({ view, u8, neighbours }: FibWorld, at: number, flags: number, route: Route, nexthop: Nexthop): number {
  const dev = nexthop.device as Device
  view.setUint32(at + FIB.METRIC, route.priority, true)
  view.setUint32(at + FIB.IFINDEX, dev.ifindex, true)
  const { gateway } = nexthop
  setHop(route.family, gateway ?? flow.dst)
  if ((flags & FIB_SRC) !== 0 && !tellSource(view, at, route, dev, neighbours)) return FIB_RESULT.NO_SOURCE
  if (gateway !== undefined) {
    if (gateway.length > 1 && route.family === AF_INET) view.setUint8(at + FIB.FAMILY, AF_INET6)
    for (let word = 0; word < gateway.length; word++) view.setInt32(at + FIB.DST + 4 * word, gateway[word])
  }
  if ((flags & FIB_SKIP_NEIGH) !== 0) return FIB_RESULT.SUCCESS
  const address = neighbours?.hardwareAddress(dev, hop)
  if (address === undefined) return FIB_RESULT.NO_NEIGHBOUR
  u8.set(dev.address, at + FIB.SMAC)
  u8.set(address, at + FIB.DMAC)
  return FIB_RESULT.SUCCESS
}

/** The next hop as neighbours know it. */
function setHop(family: number, words: Int32Array): void {
  hop.fill(0)
  if (words.length > 1 && (family === AF_INET6 || words !== flow.dst)) hop.set(words)
  else {
    hop[2] = MAPPED
    hop[3] = words[0]
  }
}

/** The address to speak from; false: IPv6 has none. */
function tellSource(
  view: DataView,
  at: number,
  route: Route,
  dev: Device,
  neighbours: Neighbours | undefined,
): boolean {
  const preferred = route.prefsrc
  if (preferred !== undefined) {
    for (let word = 0; word < preferred.length; word++) view.setInt32(at + FIB.SRC + 4 * word, preferred[word])
    return true
  }
  const isFound = neighbours?.source(dev, hop, source) ?? false
  if (route.family === AF_INET) view.setInt32(at + FIB.SRC, isFound ? source[3] : 0)
  else for (let word = 0; word < 4; word++) view.setInt32(at + FIB.SRC + 4 * word, source[word])
  return route.family === AF_INET || isFound
}
