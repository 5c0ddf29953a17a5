import { checkAttrs, errno, LIBERAL, type Policy, type PolicyTable } from '@netkit/netlink'
import type { Request } from '../../net/request.ts'

/** Settings of virtual functions and of switch ports. No device here has any, so that all there is to do is refuse them. */

const struct = (size: number): Policy => ({ type: 'unspec', min: size })
const table = (policies: readonly (Policy | undefined)[]): PolicyTable => ({
  maxId: policies.length - 1,
  strictFrom: Number.POSITIVE_INFINITY,
  policies,
})

const VF_INFO = 1
const VF_MAX = 0x7fff_ffff
const VLAN_LIST = 12

/** Inside IFLA_VF_INFO, from 1: structs that begin with the number of the function. Source: uapi IFLA_VF_*. */
const VF = table([
  undefined,
  struct(36),
  struct(12),
  struct(8),
  struct(8),
  struct(8),
  struct(12),
  struct(8),
  { type: 'nest' },
  struct(8),
  struct(16),
  struct(16),
  { type: 'nest' },
  { type: 'reject' },
])
/** Those that set something, in the order in which they are looked at. */
const VF_SETTINGS = [1, 2, VLAN_LIST, 3, 6, 4, 5, 7, 9, 10, 11]

/** Inside IFLA_PORT_SELF, from 1. Source: uapi IFLA_PORT_*. */
const PORT = table([
  undefined,
  { type: 'u32' },
  { type: 'string', max: 40 },
  { type: 'unspec' },
  { type: 'binary', max: 16 },
  { type: 'string', max: 16 },
  { type: 'u8' },
  { type: 'u16' },
])

const found = new Int32Array(VF.maxId + 1)

/** Refusals in here carry an errno only. */
const parse = (req: Request, at: number, of: PolicyTable): number =>
  checkAttrs({ bytes: req.bytes, view: req.view, extack: {} }, at + 4, req.attrEnd(at), of, LIBERAL, found)

/** IFLA_VFINFO_LIST. An empty one asks for nothing. */
export function refuseVfInfo(req: Request, list: number): number {
  const end = req.attrEnd(list)
  const at = list + 4
  if (end - at < 4) return 0
  const length = req.view.getUint16(at, true)
  if (length < 4 || at + length > end) return 0
  if ((req.view.getUint16(at + 2, true) & 0x3fff) !== VF_INFO || length < 8) return -errno.EINVAL
  return parse(req, at, VF) || refuseSetting(req)
}

function refuseSetting(req: Request): number {
  const first = VF_SETTINGS.find((id) => found[id] !== 0)
  if (first === undefined) return -errno.EINVAL
  return first !== VLAN_LIST && req.u32(found[first]) >= VF_MAX ? -errno.EINVAL : -errno.EOPNOTSUPP
}

/** IFLA_PORT_SELF. */
export const refusePort = (req: Request, at: number): number => parse(req, at, PORT) || -errno.EOPNOTSUPP
