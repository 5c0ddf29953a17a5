import {
  ADDR,
  ADDR_POLICY_V4,
  errno,
  IFA_F_DADFAILED,
  IFA_F_DEPRECATED,
  IFA_F_HOMEADDRESS,
  IFA_F_MANAGETEMPADDR,
  IFA_F_NODAD,
  IFA_F_OPTIMISTIC,
  IFA_F_PERMANENT,
  IFA_F_STABLE_PRIVACY,
  IFA_F_TENTATIVE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
} from '@netkit/netlink'
import { readByteString } from '../../net/bytestring.ts'
import type { Device } from '../../net/device.ts'
import { ticks } from '../../net/ip/clock.ts'
import { changeNetworkMetric, sameNetwork } from '../../net/ip/v4-address-routes.ts'
import { insertV4 } from '../../net/ip/v4-addresses.ts'
import { FOREVER, type V4Address } from '../../net/ip-address.ts'
import type { Request } from '../../net/request.ts'
import { AddrRequest } from './request.ts'

const A = ADDR.ids
/** Flags that mean something to IPv6 alone. */
const V6_ONLY =
  IFA_F_NODAD |
  IFA_F_OPTIMISTIC |
  IFA_F_DADFAILED |
  IFA_F_HOMEADDRESS |
  IFA_F_TENTATIVE |
  IFA_F_MANAGETEMPADDR |
  IFA_F_STABLE_PRIVACY

/** An IPv4 address in network order. */
export const v4At = (req: Request, attr: number): number => req.view.getInt32(attr + 4, false)

/** What can be said against a request before any device is looked up. */
function check(r: AddrRequest): number {
  const { req } = r
  if (r.prefixLength > 32) return req.refuse(errno.EINVAL, 'ipv4: Invalid prefix length')
  if (!r.has(A.local)) return req.refuse(errno.EINVAL, 'ipv4: Local address is not supplied')
  const { valid, preferred } = r.lifetimes
  if (valid === 0 || preferred > valid) return req.refuse(errno.EINVAL, 'ipv4: address lifetime invalid')
  return 0
}

function addressOf(r: AddrRequest, dev: Device): V4Address {
  const { req, attrs } = r
  const at = (id: number, otherwise: number): number => (r.has(id) ? v4At(req, attrs[id]) : otherwise)
  const local = at(A.local, 0)
  const label = r.has(A.label) ? readByteString(req.bytes, attrs[A.label] + 4, req.attrEnd(attrs[A.label])) : dev.name
  return {
    local,
    address: at(A.address, local),
    broadcast: at(A.broadcast, 0),
    prefixLength: r.prefixLength,
    label,
    scope: r.scope,
    flags: r.flags,
    metric: r.metric,
    proto: r.proto,
    valid: FOREVER,
    preferred: FOREVER,
    created: 0,
    updated: 0,
  }
}

function setLifetimes(a: V4Address, { valid, preferred }: AddrRequest['lifetimes'], now: number): void {
  a.flags &= ~(IFA_F_PERMANENT | IFA_F_DEPRECATED)
  if (valid === FOREVER) a.flags |= IFA_F_PERMANENT
  else a.valid = valid
  if (preferred !== FOREVER) {
    if (preferred === 0) a.flags |= IFA_F_DEPRECATED
    a.preferred = preferred
  }
  a.updated = now
  if (a.created === 0) a.created = now
}

/** RTM_NEWADDR of IPv4: gives a device an address, or changes one that it has. */
export function newV4Address(req: Request): number {
  const r = new AddrRequest(req)
  const error = r.parse(ADDR_POLICY_V4) || check(r)
  if (error !== 0) return error
  if (v4At(req, r.attrs[A.local]) === 0) return 0
  const dev = req.ns.devices.get(r.ifindex)
  if (!dev) return req.refuse(errno.ENODEV, 'ipv4: Device not found')
  if (!dev.inet?.v4) return -errno.ENOBUFS
  const { kernel } = req.socket
  const a = addressOf(r, dev)
  const old = dev.inet.v4Addresses.find((one) => one.local === a.local && sameNetwork(one, a))
  if (old) return changeAddress(r, dev, old, a)
  setLifetimes(a, r.lifetimes, ticks(kernel))
  a.flags &= ~V6_ONLY
  if (dev.inet.v4Addresses.some((one) => sameNetwork(one, a) && one.scope !== a.scope)) {
    return req.refuse(errno.EINVAL, 'ipv4: Invalid scope value')
  }
  insertV4(kernel, dev, a, req)
  kernel.ip.watch(dev)
  return 0
}

function changeAddress({ req, lifetimes }: AddrRequest, dev: Device, old: V4Address, a: V4Address): number {
  if ((req.flags & NLM_F_EXCL) !== 0 || (req.flags & NLM_F_REPLACE) === 0) {
    return req.refuse(errno.EEXIST, 'ipv4: Address already assigned')
  }
  const { kernel } = req.socket
  if (old.metric !== a.metric) changeNetworkMetric(kernel, dev, old, a.metric)
  old.proto = a.proto
  setLifetimes(old, lifetimes, ticks(kernel))
  kernel.changes++
  kernel.announce.address(dev, old, 'new', req)
  kernel.ip.watch(dev)
  return 0
}
