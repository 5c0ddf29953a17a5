import { AF_INET, AF_INET6, errno, LIBERAL, NEIGH } from '@netkit/netlink'
import { setV4 } from '../../ip/core/address.ts'
import type { Device } from '../../net/device.ts'
import type { Request } from '../../net/request.ts'
import { bodyOf, parseBody } from '../body.ts'
import { wordsAt } from '../words.ts'

const N = NEIGH.ids
const NEIGH_HEADER_SIZE = 12

/** What a request says of a neighbour. */
export interface NeighbourRequest {
  readonly v6: boolean
  readonly dev: Device | undefined
  /** Four words. */
  readonly key: Int32Array
  readonly lladdr: Uint8Array | undefined
  readonly state: number
  readonly flags: number
  readonly extFlags: number
  readonly protocol: number | undefined
}

const found = new Int32Array(NEIGH.policy.maxId + 1)

/** Reads a request to make, remove or look for one neighbour. Returns a negative errno with the extended ack filled in where it is wrong. */
export function readNeighbour(req: Request): NeighbourRequest | number {
  const body = bodyOf(req)
  const error = parseBody(req, NEIGH_HEADER_SIZE, req.policy(NEIGH.policy), found, LIBERAL)
  if (error !== 0) return error
  if (found[N.dst] === 0) return req.refuse(errno.EINVAL, 'Network address not specified')
  const family = req.bytes[body]
  const ifindex = req.view.getInt32(body + 4, true)
  const dev = req.ns.devices.get(ifindex)
  if (ifindex !== 0 && dev === undefined) return -errno.ENODEV
  if (dev !== undefined && found[N.lladdr] !== 0 && req.attrLength(found[N.lladdr]) < dev.addressLength) {
    return req.refuse(errno.EINVAL, 'Invalid link address')
  }
  if (family !== AF_INET && family !== AF_INET6) return -errno.EAFNOSUPPORT
  const words = family === AF_INET ? 1 : 4
  if (req.attrLength(found[N.dst]) < 4 * words) return req.refuse(errno.EINVAL, 'Invalid network address')
  const read = wordsAt(req, found[N.dst], words)
  const key = words === 4 ? read : new Int32Array(4)
  if (words === 1) setV4(key, 0, read[0])
  return {
    v6: family === AF_INET6,
    dev,
    key,
    lladdr: found[N.lladdr] === 0 ? undefined : req.payload(found[N.lladdr]).subarray(0, dev?.addressLength),
    state: req.view.getUint16(body + 8, true),
    flags: req.bytes[body + 10],
    extFlags: found[N.flagsExt] === 0 ? 0 : req.u32(found[N.flagsExt]),
    protocol: found[N.protocol] === 0 ? undefined : req.u8(found[N.protocol]),
  }
}
