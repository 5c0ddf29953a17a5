import { errno, LINK } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { Request } from '../../net/request.ts'
import { checkAfSpec } from './af-spec-change.ts'

const L = LINK.ids
const MAX_SEGS = 65535
const MAX_GRO = 524280

/** Sizes that must not exceed a limit, in the order in which they are checked. */
const LIMITS: readonly { id: number; text: string; limit: (dev: Device) => number }[] = [
  { id: L.gsoMaxSize, text: 'too big gso_max_size', limit: (dev) => dev.tsoMaxSize },
  { id: L.gsoMaxSegs, text: 'too big gso_max_segs', limit: (dev) => Math.min(MAX_SEGS, dev.tsoMaxSegs) },
  { id: L.groMaxSize, text: 'too big gro_max_size', limit: () => MAX_GRO },
  { id: L.gsoIpv4MaxSize, text: 'too big gso_ipv4_max_size', limit: (dev) => dev.tsoMaxSize },
  { id: L.groIpv4MaxSize, text: 'too big gro_ipv4_max_size', limit: () => MAX_GRO },
]

/** What is checked of link attributes for any kind of device, new or not. Source: spec 01 §2.6.3. */
export function validateLink(dev: Device, attrs: Int32Array, req: Request): number {
  if (attrs[L.address] !== 0 && req.attrLength(attrs[L.address]) < dev.addressLength) return -errno.EINVAL
  if (attrs[L.broadcast] !== 0 && req.attrLength(attrs[L.broadcast]) < dev.addressLength) return -errno.EINVAL
  for (const { id, text, limit } of LIMITS) {
    if (attrs[id] !== 0 && req.u32(attrs[id]) > limit(dev)) return req.refuse(errno.EINVAL, text)
  }
  return attrs[L.afSpec] === 0 ? 0 : checkAfSpec(dev, attrs[L.afSpec], req)
}

/** Limits of the MTU. Values from 2^31 count as negative. */
export function validateMtu(dev: Device, mtu: number, req: Request): number {
  if ((mtu | 0) < 0 || mtu < dev.minMtu) return req.refuse(errno.EINVAL, 'mtu less than device minimum')
  if (dev.maxMtu > 0 && mtu > dev.maxMtu) return req.refuse(errno.EINVAL, 'mtu greater than device maximum')
  return 0
}
