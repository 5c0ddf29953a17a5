import {
  errno,
  IFF_LOOPBACK,
  IFF_POINTOPOINT,
  LIBERAL,
  NEIGH,
  NEIGH_EXT_FLAGS,
  NEIGH_FLAGS,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
} from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { Neighbour } from '../../net/neighbour.ts'
import * as nud from '../../net/neighbour-states.ts'
import type { Request } from '../../net/request.ts'
import { parseBody } from '../body.ts'
import { findAddressOnly, found, NEIGH_HEADER_SIZE, readTarget, type Target } from './request.ts'

const N = NEIGH.ids
const F = NEIGH_FLAGS
const X = NEIGH_EXT_FLAGS
const STATES = 0xff

/** RTM_NEWNEIGH: makes or changes an entry, of a neighbour or of a proxy. */
export function newNeighbour(req: Request): number {
  const error = parseBody(req, NEIGH_HEADER_SIZE, NEIGH.policy, found, LIBERAL)
  if (error !== 0) return error
  const target = readTarget(req)
  if (typeof target === 'number') return target
  const extFlags = found[N.flagsExt] === 0 ? 0 : req.u32(found[N.flagsExt])
  if ((target.header.flags & F.proxy) !== 0) return newProxy(req, target, extFlags)
  const { dev } = target
  if (dev === undefined) return req.refuse(errno.EINVAL, 'Device not specified')
  return checkFlags(req, target, extFlags) || change(req, target, dev, extFlags)
}

const hasNoIpv6 = ({ v6, dev }: Target): boolean => v6 && !dev?.inet?.v6

function newProxy(req: Request, target: Target, extFlags: number): number {
  if ((extFlags & (X.managed | X.extern_valid)) !== 0) {
    return req.refuse(errno.EINVAL, 'Invalid NTF_* flag combination')
  }
  const { dev, key, v6, header } = target
  const { proxies } = req.socket.kernel.neighbours(v6)
  // IPv6 has groups to join for each: where it is not, there are none.
  if (hasNoIpv6(target) && proxies.find(req.ns, dev, key) === undefined) return -errno.ENOBUFS
  const proxy = proxies.get(req.ns, dev, key)
  proxy.flags = header.flags
  proxy.permanent = (header.state & nud.NUD_PERMANENT) !== 0
  if (found[N.protocol] !== 0) proxy.protocol = req.u8(found[N.protocol])
  req.socket.kernel.changes++
  return 0
}

function checkFlags(req: Request, target: Target, extFlags: number): number {
  const { flags, state } = target.header
  if (hasNoIpv6(target)) return req.refuse(errno.EINVAL, 'IPv6 is disabled on this device')
  const managed = (extFlags & X.managed) !== 0
  if (managed && (state & nud.NUD_PERMANENT) !== 0) {
    return req.refuse(errno.EINVAL, 'Invalid NTF_* flag for permanent entry')
  }
  if ((extFlags & X.extern_valid) === 0) return 0
  // What is asked about begins without a valid state.
  if (!managed && (flags & F.use) === 0 && (state & nud.NUD_VALID) !== 0) return 0
  return req.refuse(errno.EINVAL, 'Cannot create externally validated neighbor with an invalid state')
}

/** `::ffff:0.0.0.0`: on devices with nobody or only one on the other side all IPv4 neighbours are one. */
const ANY4 = Int32Array.of(0, 0, 0xffff, 0)
const isPointToPoint = (dev: Device): boolean => (dev.flags & (IFF_LOOPBACK | IFF_POINTOPOINT)) !== 0

function change(req: Request, { header, key, v6 }: Target, dev: Device, extFlags: number): number {
  const resolver = req.socket.kernel.neighbours(v6)
  const old = resolver.map.find(dev, key)
  let n = old
  let how = nud.UPDATE_ADMIN | nud.UPDATE_OVERRIDE | nud.UPDATE_OVERRIDE_ROUTER
  if (n === undefined) {
    if ((req.flags & NLM_F_CREATE) === 0) return -errno.ENOENT
    if (!v6 && !dev.inet?.v4) return -errno.EINVAL
    n = resolver.get(dev, v6 || !isPointToPoint(dev) ? key : ANY4)
    if (n === undefined) return -errno.ENOBUFS
  } else {
    if ((req.flags & NLM_F_EXCL) !== 0) return -errno.EEXIST
    if ((req.flags & NLM_F_REPLACE) === 0) how &= ~(nud.UPDATE_OVERRIDE | nud.UPDATE_OVERRIDE_ROUTER)
  }
  if (found[N.protocol] !== 0) n.protocol = req.u8(found[N.protocol])
  if ((header.flags & F.router) !== 0) how |= nud.UPDATE_ROUTER
  const marks = (header.flags & nud.NTF_EXT_LEARNED) | (extFlags << 8)
  // What is new has its marks from the beginning.
  const remarked = old !== undefined && marks !== ((n.flags & nud.NTF_EXT_LEARNED) | (n.extFlags << 8))
  n.flags = (n.flags & ~nud.NTF_EXT_LEARNED) | (header.flags & nud.NTF_EXT_LEARNED)
  n.extFlags = extFlags
  req.socket.kernel.changes++
  if ((header.flags & F.use) !== 0 || (extFlags & X.managed) !== 0) {
    n.state &= ~nud.NUD_PERMANENT
    resolver.resolve(n)
    return 0
  }
  const address = found[N.lladdr] === 0 ? undefined : req.payload(found[N.lladdr]).subarray(0, dev.addressLength)
  if (remarked) how |= nud.UPDATE_TOLD
  return resolver.update(n, address, header.state & STATES, how, req)
    ? 0
    : req.refuse(errno.EINVAL, 'No link layer address given')
}

const VOUCHED = X.managed | X.extern_valid

/** Nobody vouches for a neighbour any more that is removed: that is told, whatever its state was. */
function unmark(n: Neighbour): number {
  const told = (n.flags & nud.NTF_EXT_LEARNED) !== 0 || (n.extFlags & VOUCHED) !== 0
  n.flags &= ~nud.NTF_EXT_LEARNED
  n.extFlags &= ~VOUCHED
  return told ? nud.UPDATE_TOLD : 0
}

/** RTM_DELNEIGH: a neighbour is told as failed first, then as gone; a proxy goes without a word. */
export function delNeighbour(req: Request): number {
  if (!findAddressOnly(req)) return -errno.EINVAL
  const target = readTarget(req)
  if (typeof target === 'number') return target
  const { header, dev, key, v6 } = target
  const resolver = req.socket.kernel.neighbours(v6)
  if ((header.flags & F.proxy) !== 0) return resolver.proxies.remove(req.ns, dev, key) ? 0 : -errno.ENOENT
  if (dev === undefined) return -errno.EINVAL
  const n = resolver.map.find(dev, key)
  if (n === undefined) return -errno.ENOENT
  resolver.update(n, undefined, nud.NUD_FAILED, nud.UPDATE_ADMIN | nud.UPDATE_OVERRIDE | unmark(n), req)
  resolver.remove(n)
  req.socket.kernel.changes++
  return 0
}
