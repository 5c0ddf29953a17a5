import { errno, NEXTHOP, RTNH_F_DEAD, RTNH_F_LINKDOWN } from '@netkit/netlink'
import type { Request } from '../../net/request.ts'
import type { NexthopWish } from '../../net/route-wish.ts'
import { readWords, type Words } from '../../prefix/words.ts'
import { wordsAt } from '../words.ts'

const N = NEXTHOP.ids
const HEADER = 8

/** A nexthop of a list as it stands in a request. */
export interface RawNexthop {
  readonly at: number
  readonly flags: number
  readonly weight: number
  readonly oif: number
  /** Offsets of its attributes; 0: absent. */
  readonly gateway: number
  readonly via: number
  readonly flow: number
}

/** Reads RTA_MULTIPATH as far as it makes sense. `rest`: bytes that are left over. */
export function readNexthops(
  req: Request,
  attr: number,
): { readonly list: readonly RawNexthop[]; readonly rest: number } {
  const list: RawNexthop[] = []
  const end = req.attrEnd(attr)
  let at = attr + 4
  while (end - at >= HEADER) {
    const length = req.view.getUint16(at, true)
    if (length < HEADER || at + length > end) break
    const attrs = attrsIn(req, at + HEADER, at + length)
    list.push({
      at,
      flags: req.bytes[at + 2],
      weight: req.bytes[at + 3] + 1,
      oif: req.view.getInt32(at + 4, true),
      gateway: attrs.get(N.gateway) ?? 0,
      via: attrs.get(N.via) ?? 0,
      flow: attrs.get(N.flow) ?? 0,
    })
    at += (length + 3) & ~3
  }
  return { list, rest: Math.max(0, end - at) }
}

function attrsIn(req: Request, start: number, end: number): Map<number, number> {
  const found = new Map<number, number>()
  for (let at = start; end - at >= 4; ) {
    const length = req.view.getUint16(at, true)
    if (length < 4 || at + length > end) break
    const id = req.view.getUint16(at + 2, true) & 0x3fff
    if (!found.has(id)) found.set(id, at)
    at += (length + 3) & ~3
  }
  return found
}

const BOTH = 'Nexthop configuration can not contain both GATEWAY and VIA'

/** The gateway of an IPv4 nexthop, which may be of any family; a negative errno where it is none. */
export function v4Gateway(req: Request, gateway: number, via: number): Words | undefined | number {
  if (via !== 0) {
    const through = viaGateway(req, via)
    return typeof through !== 'number' && gateway !== 0 ? req.refuse(errno.EINVAL, BOTH) : through
  }
  if (gateway === 0) return undefined
  const words = wordsAt(req, gateway, 1)
  return words[0] === 0 ? undefined : words
}

function viaGateway(req: Request, via: number): Words | number {
  const length = req.attrLength(via)
  if (length < 2) return req.refuse(errno.EINVAL, 'Invalid attribute length for RTA_VIA')
  const family = req.u16(via)
  if (family === 2) {
    if (length !== 6) return req.refuse(errno.EINVAL, 'Invalid IPv4 address in RTA_VIA')
    return readWords(req.bytes, via + 6, 1)
  }
  if (family === 10) {
    if (length !== 18) return req.refuse(errno.EINVAL, 'Invalid IPv6 address in RTA_VIA')
    return readWords(req.bytes, via + 6, 4)
  }
  return req.refuse(errno.EINVAL, 'Unsupported address family in RTA_VIA')
}

const MARKED = RTNH_F_DEAD | RTNH_F_LINKDOWN

/** The nexthops of an IPv4 route that goes several ways; a negative errno where one is wrong. */
export function v4Nexthops(req: Request, attr: number): readonly NexthopWish[] | number {
  const wishes: NexthopWish[] = []
  for (const { flags, weight, oif, ...raw } of readNexthops(req, attr).list) {
    if ((flags & MARKED) !== 0) {
      return req.refuse(errno.EINVAL, 'Invalid flags for nexthop - can not contain DEAD or LINKDOWN')
    }
    if (raw.gateway !== 0 && raw.via !== 0) return req.refuse(errno.EINVAL, BOTH)
    const gateway = v4Gateway(req, raw.gateway, raw.via)
    if (typeof gateway === 'number') return gateway
    wishes.push({ oif, gateway, weight, flags, realm: raw.flow === 0 ? undefined : req.u32(raw.flow) })
  }
  return wishes
}

/** There must be nexthops, and nothing but nexthops. */
export function checkLength(req: Request, attr: number): number {
  const { list, rest } = readNexthops(req, attr)
  if (rest > 0) return req.refuse(errno.EINVAL, 'Invalid nexthop configuration - extra data after nexthops')
  return list.length === 0 ? -errno.EINVAL : 0
}
