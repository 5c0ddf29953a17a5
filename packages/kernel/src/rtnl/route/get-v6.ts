import {
  AF_INET6,
  beginMessage,
  endMessage,
  errno,
  ROUTE,
  ROUTE_POLICY_V6,
  RTM_F_FIB_MATCH,
  RTM_NEWROUTE,
  RTN_LOCAL,
  Writer,
} from '@netkit/netlink'
import { sourceFor6 } from '../../ip/routing/source6.ts'
import type { Device } from '../../net/device.ts'
import { ticks } from '../../net/ip/clock.ts'
import { Flow, sharedFound } from '../../net/ip/flow.ts'
import { lookup } from '../../net/ip/lookup.ts'
import { isMulticast6, isOfLink } from '../../net/ip/v6-scope.ts'
import type { Request } from '../../net/request.ts'
import type { Route } from '../../net/route.ts'
import { isZero, type Words } from '../../prefix/words.ts'
import { bodyOf } from '../body.ts'
import { wordsAt, writeWords } from '../words.ts'
import { checkQuestion, type Dialect, numberAt, V6_ATTRS } from './get-request.ts'
import { writeCacheInfo, writeMetrics, writeRoute } from './message.ts'

const R = ROUTE.ids
const DIALECT: Dialect = {
  name: 'ipv6',
  bits: 128,
  question: 'get route',
  policy: ROUTE_POLICY_V6,
  attrs: V6_ATTRS,
  badFlags: 'Invalid flags for get route request',
  flags: RTM_F_FIB_MATCH,
}
const BYTES = 16

const found = sharedFound()
const flow = new Flow()
const attrs = new Int32Array(ROUTE_POLICY_V6.maxId + 1)
const out = new Writer(512)

/** RTM_GETROUTE of IPv6, for the way to one address. */
export function getV6Route(req: Request): number {
  const error = checkQuestion(req, DIALECT, attrs)
  if (error !== 0) return error
  const short = (at: number): boolean => at !== 0 && req.attrLength(at) < BYTES
  if (short(attrs[R.src]) || short(attrs[R.dst])) return -errno.EINVAL
  const address = (at: number): Words => (at === 0 ? new Int32Array(4) : wordsAt(req, at, 4))
  const dst = address(attrs[R.dst])
  const src = attrs[R.src] === 0 ? undefined : address(attrs[R.src])
  const iif = numberAt(req, attrs[R.iif])
  const oif = numberAt(req, attrs[R.oif])
  flow.reset(AF_INET6).dst.set(dst)
  flow.now = ticks(req.socket.kernel)
  if (src) flow.src.set(src)
  flow.oif = iif !== 0 ? 0 : oif
  flow.link = iif
  flow.iif = iif || (req.ns.loopback?.ifindex ?? 1)
  flow.mark = numberAt(req, attrs[R.mark])
  flow.uid = numberAt(req, attrs[R.uid])
  flow.strictOif = isOfLink(dst) || (flow.oif !== 0 && (!src || isZero(src)))
  if (iif !== 0 && !req.ns.devices.has(iif)) return -errno.ENODEV
  const lost = lookup(req.ns, flow, found)
  if (lost !== 0 || !found.route) return lost
  const flags = req.view.getUint32(bodyOf(req) + 8, true)
  // Only a router of multicast could say where a packet to a group goes that came in.
  if (iif !== 0 && isMulticast6(found.route.dst)) return -errno.EMSGSIZE
  const mark = beginMessage(out.reset(), RTM_NEWROUTE, 0, req.seq, req.socket.portId)
  if ((flags & RTM_F_FIB_MATCH) !== 0) writeRoute(out, req.socket.kernel, found.route, { iif })
  else writeWay(req, found.route, dst, src, iif)
  endMessage(out, mark)
  req.socket.deliver(out.take())
  return 0
}

/** A route in use: whole addresses, and the one that packets would be sent from. */
function writeWay(req: Request, route: Route, dst: Words, src: Words | undefined, iif: number): void {
  const { ns } = req
  const device = (route.type === RTN_LOCAL ? ns.loopback : found.nexthop?.device) as Device
  out
    .u8(AF_INET6)
    .u8(128)
    .u8(128)
    .u8(0)
    .u8(route.table < 256 ? route.table : 252)
  out.u8(route.protocol).u8(0).u8(route.type).u32(0)
  out.attrU32(R.table, route.table)
  writeWords(out, R.dst, dst)
  writeWords(out, R.src, src ?? new Int32Array(4))
  if (iif !== 0) out.attrU32(R.iif, iif)
  else {
    const source = route.prefsrc ?? sourceFor6(ns, found.nexthop?.device ?? device, dst, 0)?.local
    if (source && !isZero(source)) writeWords(out, R.prefsrc, source)
  }
  writeMetrics(out, route)
  out.attrU32(R.priority, route.priority)
  const gateway = found.nexthop?.gateway
  if (gateway) writeWords(out, R.gateway, gateway)
  out.attrU32(R.oif, device.ifindex)
  writeCacheInfo(out, 0, 0)
  out.attrU8(R.pref, route.pref)
}
