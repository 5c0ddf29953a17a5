import { AF_INET, AF_INET6, errno, NEIGH } from '@netkit/netlink'
import { setV4 } from '../../ip/core/address.ts'
import type { Device } from '../../net/device.ts'
import type { Request } from '../../net/request.ts'
import { bodyOf } from '../body.ts'
import { wordsAt } from '../words.ts'

const N = NEIGH.ids
export const NEIGH_HEADER_SIZE = 12

/** Where the attributes of a request stand, by id. One request is read at a time. */
export const found = new Int32Array(NEIGH.policy.maxId + 1)

/** The header of a request. Source: uapi struct ndmsg. */
export function readHeader({ bytes, view, start }: Request) {
  const at = start + 16
  return {
    family: bytes[at],
    pad: bytes[at + 1] | view.getUint16(at + 2, true),
    ifindex: view.getInt32(at + 4, true),
    state: view.getUint16(at + 8, true),
    flags: bytes[at + 10],
    type: bytes[at + 11],
  }
}
export type Header = ReturnType<typeof readHeader>

/** The device of a request: undefined if it names none, a negative errno if there is none. */
export function deviceOf(req: Request, { ifindex }: Header): Device | undefined | number {
  return ifindex === 0 ? undefined : (req.ns.devices.get(ifindex) ?? -errno.ENODEV)
}

/** Words of an address of a family; 0: it has no neighbours. */
export const wordsOf = (family: number): number => (family === AF_INET ? 1 : family === AF_INET6 ? 4 : 0)

/** The address of the neighbour, four words. */
export function keyOf(req: Request, words: number): Int32Array {
  const read = wordsAt(req, found[N.dst], words)
  if (words === 4) return read
  const key = new Int32Array(4)
  setV4(key, 0, read[0])
  return key
}

/** Whom a request to make or to remove is about. */
export interface Target {
  readonly header: Header
  readonly v6: boolean
  readonly dev: Device | undefined
  readonly key: Int32Array
}

/** Reads whom a request is about, when the attributes are found. Returns a negative errno where it is wrong. */
export function readTarget(req: Request): Target | number {
  if (found[N.dst] === 0) return req.refuse(errno.EINVAL, 'Network address not specified')
  const header = readHeader(req)
  const dev = deviceOf(req, header)
  if (typeof dev === 'number') return dev
  if (dev !== undefined && found[N.lladdr] !== 0 && req.attrLength(found[N.lladdr]) < dev.addressLength) {
    return req.refuse(errno.EINVAL, 'Invalid link address')
  }
  const words = wordsOf(header.family)
  if (words === 0) return -errno.EAFNOSUPPORT
  if (req.attrLength(found[N.dst]) < 4 * words) return req.refuse(errno.EINVAL, 'Invalid network address')
  return { header, v6: words === 4, dev, key: keyOf(req, words) }
}

/** Finds the first network address without a look at anything else: so removals are read. False: there is no room for a header. */
export function findAddressOnly(req: Request): boolean {
  const attrs = bodyOf(req) + NEIGH_HEADER_SIZE
  found.fill(0)
  for (let at = attrs; req.end - at >= 4; ) {
    const length = req.view.getUint16(at, true)
    if (length < 4 || at + length > req.end) break
    if ((req.view.getUint16(at + 2, true) & 0x3fff) === N.dst) {
      found[N.dst] = at
      break
    }
    at += (length + 3) & ~3
  }
  return attrs <= req.end
}
