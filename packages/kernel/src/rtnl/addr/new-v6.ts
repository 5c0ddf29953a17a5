import {
  ADDR,
  ADDR_POLICY_V6,
  errno,
  IFA_F_DADFAILED,
  IFA_F_DEPRECATED,
  IFA_F_HOMEADDRESS,
  IFA_F_MANAGETEMPADDR,
  IFA_F_MCAUTOJOIN,
  IFA_F_NODAD,
  IFA_F_NOPREFIXROUTE,
  IFA_F_OPTIMISTIC,
  IFA_F_PERMANENT,
  IFA_F_TENTATIVE,
  IFF_LOOPBACK,
  NLM_F_EXCL,
  NLM_F_REPLACE,
} from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { ticks } from '../../net/ip/clock.ts'
import {
  addGroupRoute,
  insertV6,
  leaveNetwork,
  removeNetworkRoute,
  renewNetworkRoutes,
  startDad,
} from '../../net/ip/v6-addresses.ts'
import { isLoopback6, isMulticast6, scopeOf6 } from '../../net/ip/v6-scope.ts'
import { FOREVER, type V6Address } from '../../net/ip-address.ts'
import type { Request } from '../../net/request.ts'
import { isZero, sameWords, type Words } from '../../prefix/words.ts'
import { wordsAt } from '../words.ts'
import { AddrRequest } from './request.ts'

const A = ADDR.ids
/** What users may say. */
const SETTABLE =
  IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN | IFA_F_OPTIMISTIC

const NO_PEER = new Int32Array(4)

/** The address that a request is about, and the other end of its link. */
export interface Ends {
  readonly local: Words
  readonly peer: Words | undefined
}

/** LOCAL where it is given, with ADDRESS as the other end if it is another one, or none where that is zero; else ADDRESS. */
export function endsOf(r: AddrRequest): Ends | undefined {
  const address = r.has(A.address) ? wordsAt(r.req, r.attrs[A.address], 4) : undefined
  const local = r.has(A.local) ? wordsAt(r.req, r.attrs[A.local], 4) : undefined
  if (local === undefined) return address && { local: address, peer: undefined }
  const peer = address && !sameWords(address, local) ? address : undefined
  return { local, peer }
}

/** RTM_NEWADDR of IPv6: gives a device an address, or changes one that it has. */
export function newV6Address(req: Request): number {
  const r = new AddrRequest(req)
  const error = r.parse(ADDR_POLICY_V6)
  if (error !== 0) return error
  const ends = endsOf(r)
  if (ends === undefined) return -errno.EINVAL
  if (neverValid(r.lifetimes)) return req.refuse(errno.EINVAL, 'ipv6: address lifetime invalid')
  const dev = req.ns.devices.get(r.ifindex)
  if (!dev) return req.refuse(errno.ENODEV, 'ipv6: Unable to find the interface')
  // Optimistic addresses need a setting that nobody can make here.
  const flags = r.flags & SETTABLE & ~IFA_F_OPTIMISTIC
  if (!dev.inet?.v6) return -errno.EINVAL
  const old = dev.inet.v6Addresses.find((a) => sameWords(a.local, ends.local))
  if (!old) return checkNew(r, flags) || add(r, dev, ends, flags)
  if ((req.flags & NLM_F_EXCL) !== 0 || (req.flags & NLM_F_REPLACE) === 0) {
    return req.refuse(errno.EEXIST, 'ipv6: address already assigned')
  }
  return change(r, dev, old, ends, flags)
}

const neverValid = ({ valid, preferred }: AddrRequest['lifetimes']): boolean => valid === 0 || preferred > valid

/** What can be said against an address that the device does not have. */
function checkNew(r: AddrRequest, flags: number): number {
  const { req } = r
  if (r.prefixLength > 128) return req.refuse(errno.EINVAL, 'ipv6: Invalid prefix length')
  if ((flags & IFA_F_MANAGETEMPADDR) !== 0 && r.prefixLength !== 64) {
    return req.refuse(errno.EINVAL, 'ipv6: address with "mngtmpaddr" flag must have a prefix length of 64')
  }
  return 0
}

/** Flags that follow from lifetimes. */
const ageFlags = ({ valid, preferred }: AddrRequest['lifetimes']): number =>
  (valid === FOREVER ? IFA_F_PERMANENT : 0) | (preferred === 0 ? IFA_F_DEPRECATED : 0)

function add(r: AddrRequest, dev: Device, { local, peer }: Ends, flags: number): number {
  const { req, lifetimes } = r
  const { kernel } = req.socket
  addGroupRoute(kernel, dev)
  if (isZero(local)) return req.refuse(errno.EADDRNOTAVAIL, 'ipv6: Invalid address')
  if (isMulticast6(local) && (flags & IFA_F_MCAUTOJOIN) === 0) {
    const text = 'ipv6: Cannot assign multicast address without "IFA_F_MCAUTOJOIN" flag'
    return req.refuse(errno.EADDRNOTAVAIL, text)
  }
  if (isLoopback6(local) && (dev.flags & IFF_LOOPBACK) === 0) {
    return req.refuse(errno.EADDRNOTAVAIL, 'ipv6: Cannot assign loopback address on this device')
  }
  const now = ticks(kernel)
  const tentative = (flags & IFA_F_NODAD) !== 0 ? 0 : IFA_F_TENTATIVE
  const a: V6Address = {
    local,
    peer: peer && !isZero(peer) ? peer : undefined,
    prefixLength: r.prefixLength,
    flags: flags | ageFlags(lifetimes) | tentative,
    scope: scopeOf6(local),
    metric: r.metric,
    proto: r.proto,
    ...lifetimes,
    created: now,
    updated: now,
    dadAt: 0,
    dadProbes: 0,
  }
  insertV6(kernel, dev, a, req)
  return 0
}

function change(r: AddrRequest, dev: Device, a: V6Address, { peer }: Ends, flags: number): number {
  const { kernel } = r.req.socket
  if ((flags & IFA_F_MANAGETEMPADDR) !== 0 && a.prefixLength !== 64) return -errno.EINVAL
  if (peer && !sameWords(a.peer ?? NO_PEER, peer)) {
    if (a.peer) removeNetworkRoute(kernel, dev, a.peer, a.prefixLength)
    a.peer = isZero(peer) ? undefined : peer
  }
  const hadRoute = (a.flags & IFA_F_PERMANENT) !== 0 && (a.flags & IFA_F_NOPREFIXROUTE) === 0
  const kept = a.flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED | IFA_F_MCAUTOJOIN)
  a.flags = kept | flags | ageFlags(r.lifetimes)
  Object.assign(a, r.lifetimes, { updated: ticks(kernel), proto: r.proto })
  if (r.metric !== 0) a.metric = r.metric
  kernel.changes++
  if ((a.flags & IFA_F_TENTATIVE) === 0) kernel.announce.address(dev, a, 'new')
  if ((a.flags & IFA_F_NOPREFIXROUTE) !== 0) {
    if (hadRoute) leaveNetwork(kernel, dev, a)
  } else renewNetworkRoutes(kernel, dev, a, hadRoute)
  if ((a.flags & IFA_F_DADFAILED) !== 0) startDad(kernel, dev, a)
  kernel.ip.watch(dev)
  return 0
}
