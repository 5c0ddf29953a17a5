import {
  AF_INET,
  beginMessage,
  endMessage,
  errno,
  IFF_LOOPBACK,
  ROUTE,
  ROUTE_POLICY_V4,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_TABLE_COMPAT,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTM_F_CLONED,
  RTM_F_FIB_MATCH,
  RTM_F_LOOKUP_TABLE,
  RTM_F_NOTIFY,
  RTM_NEWROUTE,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_UNICAST,
  Writer,
} from '@netkit/netlink'
import { sourceFor4 } from '../../ip/routing/source4.ts'
import type { Device } from '../../net/device.ts'
import { Flow, sharedFound } from '../../net/ip/flow.ts'
import { lookup } from '../../net/ip/lookup.ts'
import { addressType, isLimitedBroadcast, isLoopback, isMulticast, isZeronet } from '../../net/ip/v4-scope.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import type { Request } from '../../net/request.ts'
import type { Nexthop } from '../../net/route.ts'
import { bodyOf } from '../body.ts'
import { wordsAt, writeWords } from '../words.ts'
import { checkQuestion, type Dialect, numberAt, V4_ATTRS } from './get-request.ts'
import { writeCacheInfo, writeGateway, writeMetrics, writeRoute } from './message.ts'

const R = ROUTE.ids
const DIALECT: Dialect = {
  name: 'ipv4',
  bits: 32,
  question: 'route get',
  policy: ROUTE_POLICY_V4,
  attrs: V4_ATTRS,
  badFlags: 'Unsupported rtm_flags for route get request',
  flags: RTM_F_NOTIFY | RTM_F_LOOKUP_TABLE | RTM_F_FIB_MATCH,
}
/** A route that is not even to all groups says nothing of how packets get to one. */
const GROUPS_LENGTH = 4
/** 224.0.0.1: the group that every host is in. */
const ALL_HOSTS = 0xe000_0001 | 0
const LOOPBACK_ADDRESS = 0x7f00_0001
/** Flags of a route in use (RTCF_*): to a broadcast address, to a group, to ourselves. */
const RTCF_BROADCAST = 0x1000_0000
const RTCF_MULTICAST = 0x2000_0000
const RTCF_LOCAL = 0x8000_0000
/** Asked to be told of. */
const RTCF_NOTIFY = 0x0001_0000

const found = sharedFound()
const flow = new Flow()
const attrs = new Int32Array(ROUTE_POLICY_V4.maxId + 1)
const out = new Writer(512)

/** The way of a packet: what a route in use says. */
interface Way {
  readonly type: number
  readonly device: Device
  readonly src: number
  readonly dst: number
  readonly nexthop: Nexthop | undefined
  readonly flags: number
}

const flagsOf = (type: number): number =>
  type === RTN_LOCAL
    ? RTCF_LOCAL
    : type === RTN_BROADCAST
      ? RTCF_BROADCAST | RTCF_LOCAL
      : type === RTN_MULTICAST
        ? RTCF_MULTICAST
        : 0

/** The device that has an address, or else the one that a route says it is on, as on the loopback. */
function ownerOf(ns: NetNamespace, address: number): Device | undefined {
  const owner = ns.sorted().find((dev) => dev.inet?.v4Addresses.some((a) => a.local === address))
  if (owner || addressType(ns, address) !== RTN_LOCAL) return owner
  return ns.sorted().find((dev) => addressType(ns, address, dev) === RTN_LOCAL)
}

/** What a packet that is sent here would do; a negative errno where it would go nowhere. */
function output(req: Request, dst: number, src: number, oif: number): Way | number {
  const { ns } = req
  let dev: Device | undefined
  let bound = oif
  if (src !== 0) {
    if (isMulticast(src) || isLimitedBroadcast(src) || isZeronet(src)) return -errno.EINVAL
    const owner = ownerOf(ns, src)
    if (!owner) return -errno.ENETUNREACH
    if (oif === 0 && (isMulticast(dst) || isLimitedBroadcast(dst))) {
      dev = owner
      bound = owner.ifindex
      return wayOut(RTN_UNICAST, dev, src, dst, undefined)
    }
  }
  if (bound !== 0) {
    dev = ns.devices.get(bound)
    if (!dev) return -errno.ENODEV
    if (!dev.up || !dev.inet?.v4) return -errno.ENETUNREACH
    if (isLocalMulticast(dst) || isLimitedBroadcast(dst)) {
      return wayOut(RTN_UNICAST, dev, src || sourceFor4(dev, 0, RT_SCOPE_LINK), dst, undefined)
    }
  }
  if (dst === 0) {
    const own = src || (dev && sourceFor4(dev, 0, RT_SCOPE_HOST)) || LOOPBACK_ADDRESS
    return toLoopback(req, own, own)
  }
  const early = src !== 0 || !dev ? src : isMulticast(dst) ? sourceFor4(dev, 0, 0) : 0
  const error = lookup(ns, flow, found)
  const { route, nexthop } = found
  if (error !== 0 || !route || !nexthop) {
    found.route = undefined
    if (!dev) return error
    return wayOut(RTN_UNICAST, dev, early || sourceFor4(dev, 0, RT_SCOPE_LINK), dst, undefined)
  }
  if (route.type === RTN_LOCAL) return toLoopback(req, early || route.prefsrc?.[0] || dst, dst)
  const device = nexthop.device as Device
  const gateway = nexthop.gateway?.length === 1 ? nexthop.gateway[0] : 0
  const source = early || route.prefsrc?.[0] || sourceFor4(device, gateway, route.scope)
  return wayOut(route.type, device, source, dst, nexthop)
}

/** 224.0.0.0/24. */
const isLocalMulticast = (address: number): boolean => address >>> 8 === 0xe00000

function toLoopback({ ns }: Request, src: number, dst: number): Way | number {
  const device = ns.loopback
  return device ? wayOut(RTN_LOCAL, device, src, dst, undefined) : -errno.ENETUNREACH
}

function wayOut(type: number, device: Device, src: number, dst: number, nexthop: Nexthop | undefined): Way | number {
  if (!device.inet?.v4 || (isLoopback(src) && !device.netnsImmutable)) return -errno.EINVAL
  if (isZeronet(dst)) return -errno.EINVAL
  const is = isLimitedBroadcast(dst) ? RTN_BROADCAST : isMulticast(dst) ? RTN_MULTICAST : type
  const loops = (device.flags & IFF_LOOPBACK) !== 0 && is !== RTN_MULTICAST
  const here = loops || dst === ALL_HOSTS ? RTCF_LOCAL : 0
  const counts = is !== RTN_BROADCAST && (is !== RTN_MULTICAST || (found.route?.dstLength ?? 0) >= GROUPS_LENGTH)
  return { type: is, device, src, dst, nexthop: counts ? nexthop : undefined, flags: flagsOf(is) | here }
}

/** What a packet that came in by a device would do. */
function input(req: Request, dst: number, src: number, iif: number): Way | number {
  const { ns } = req
  const dev = ns.devices.get(iif)
  if (!dev) return -errno.ENODEV
  if (!dev.inet?.v4 || isMulticast(dst)) return -errno.EINVAL
  const loopback = ns.loopback as Device
  const broadcast: Way = {
    type: RTN_BROADCAST,
    device: loopback,
    src,
    dst,
    nexthop: undefined,
    flags: RTCF_BROADCAST | RTCF_LOCAL,
  }
  if (isMulticast(src) || isLimitedBroadcast(src)) return -errno.EINVAL
  if (isLimitedBroadcast(dst) || (dst === 0 && src === 0)) return broadcast
  if (isZeronet(src) || isZeronet(dst) || isLoopback(dst) || isLoopback(src)) return -errno.EINVAL
  const error = lookup(ns, flow, found)
  if (error !== 0 || !found.route) return -errno.EHOSTUNREACH
  if (found.route.type === RTN_BROADCAST) return broadcast
  if (found.route.type === RTN_LOCAL) return { ...broadcast, type: RTN_LOCAL, flags: RTCF_LOCAL }
  return -errno.EHOSTUNREACH
}

/** RTM_GETROUTE of IPv4, for the way to one address. */
export function getV4Route(req: Request): number {
  const error = checkQuestion(req, DIALECT, attrs)
  if (error !== 0) return error
  const body = bodyOf(req)
  const address = (at: number): number => (at === 0 ? 0 : wordsAt(req, at, 1)[0])
  const dst = address(attrs[R.dst])
  const src = address(attrs[R.src])
  const iif = numberAt(req, attrs[R.iif])
  const oif = numberAt(req, attrs[R.oif])
  const mark = numberAt(req, attrs[R.mark])
  const uid = attrs[R.uid] === 0 ? undefined : req.u32(attrs[R.uid])
  flow.reset(AF_INET).dst[0] = dst
  flow.src[0] = src
  flow.oif = oif
  flow.iif = iif || (req.ns.loopback?.ifindex ?? 1)
  flow.mark = mark
  flow.uid = uid ?? 0
  flow.tos = req.bytes[body + 3] & 0xfc
  found.route = undefined
  const way = iif !== 0 ? input(req, dst, src, iif) : output(req, dst, src, oif)
  if (typeof way === 'number') return way
  const flags = req.view.getUint32(body + 8, true)
  const mark0 = beginMessage(out.reset(), RTM_NEWROUTE, 0, req.seq, req.socket.portId)
  if ((flags & RTM_F_FIB_MATCH) !== 0) {
    if (!found.route) return -errno.EHOSTUNREACH
    writeRoute(out, req.socket.kernel, found.route, { table: tableShown(req, flags), type: way.type })
  } else writeWay(req, way, { flags, src, iif, mark, uid })
  endMessage(out, mark0)
  req.socket.deliver(out.take())
  return 0
}

/** The table that answered. Local stands in main as long as there are no rules but the first. */
function tableShown({ ns }: Request, flags: number): number {
  if ((flags & RTM_F_LOOKUP_TABLE) === 0) return RT_TABLE_MAIN
  const table = found.route?.table ?? 0
  return table === RT_TABLE_LOCAL && !ns.ip.v4.ruled ? RT_TABLE_MAIN : table
}

interface Asked {
  readonly flags: number
  readonly src: number
  readonly iif: number
  readonly mark: number
  /** Absent: not said. */
  readonly uid: number | undefined
}

const word = (n: number): Int32Array => Int32Array.of(n)

function writeWay(req: Request, way: Way, asked: Asked): void {
  const table = tableShown(req, asked.flags)
  const notify = (asked.flags & RTM_F_NOTIFY) !== 0 ? RTM_F_NOTIFY | RTCF_NOTIFY : 0
  out
    .u8(AF_INET)
    .u8(32)
    .u8(asked.src === 0 ? 0 : 32)
    .u8(req.bytes[bodyOf(req) + 3] & 0xfc)
  out
    .u8(table < 256 ? table : RT_TABLE_COMPAT)
    .u8(0)
    .u8(0)
    .u8(way.type)
  out.u32((way.flags | RTM_F_CLONED | notify) >>> 0)
  out.attrU32(R.table, table)
  writeWords(out, R.dst, word(flow.dst[0]))
  if (asked.src !== 0) writeWords(out, R.src, word(asked.src))
  out.attrU32(R.oif, way.device.ifindex)
  if (way.nexthop?.realm) out.attrU32(R.flow, way.nexthop.realm)
  if (asked.iif === 0 && way.src !== asked.src) writeWords(out, R.prefsrc, word(way.src))
  if (way.nexthop?.scope === RT_SCOPE_LINK) writeGateway(out, AF_INET, way.nexthop)
  if (way.nexthop && found.route) writeMetrics(out, found.route)
  if (asked.mark !== 0) out.attrU32(R.mark, asked.mark)
  if (asked.iif === 0 || asked.uid !== undefined) out.attrU32(R.uid, asked.uid ?? 0)
  if (asked.iif !== 0) out.attrU32(R.iif, asked.iif)
  writeCacheInfo(out, 0, 0)
}
