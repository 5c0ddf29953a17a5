import { AF_INET, AF_INET6, errno, FR_ACT_GOTO, RULE, RULE_POLICY } from '@netkit/netlink'
import { readByteString } from '../../net/bytestring.ts'
import { defaultPriority } from '../../net/ip/rules.ts'
import type { Request } from '../../net/request.ts'
import type { FamilyRoutes, Rule } from '../../net/route.ts'
import { readWords, type Words } from '../../prefix/words.ts'
import { bodyOf, parseBody } from '../body.ts'

const R = RULE.ids
const RULE_HEADER_SIZE = 12
const NO_LIMIT = -1
const ANY_UID = 0xffff_ffff
const ALL_DSCP = 0xfc
const ONE_PORT = 0xffff

/** A rule as a request says it. */
export interface RuleRequest {
  readonly routes: FamilyRoutes
  readonly rule: Rule
  readonly at: Int32Array
  readonly saysPriority: boolean
}

interface Ports {
  readonly range: number
  readonly mask: number
}

/** Reads a rule request in Linux's order of checks; a negative errno where it cannot be. Source: what Linux 7.3 answers. */
export function readRule(req: Request): RuleRequest | number {
  const body = bodyOf(req)
  if (req.end - body < RULE_HEADER_SIZE) return req.refuse(errno.EINVAL, 'Invalid msg length')
  const { bytes, ns } = req
  const family = bytes[body]
  if (family !== AF_INET && family !== AF_INET6) return req.refuse(errno.EAFNOSUPPORT, 'Rule family not supported')
  const routes = family === AF_INET ? ns.ip.v4 : ns.ip.v6
  const at = new Int32Array(RULE_POLICY.maxId + 1)
  const error = parseBody(req, RULE_HEADER_SIZE, RULE_POLICY, at)
  if (error !== 0) return req.refuse(-error, 'Error parsing msg')
  const size = family === AF_INET ? 4 : 16
  const [dstLength, srcLength, tos] = [bytes[body + 1], bytes[body + 2], bytes[body + 3]]
  const src = prefixAt(req, at[R.src], srcLength, size)
  if (src === undefined) return req.refuse(errno.EINVAL, 'Invalid source address')
  const dst = prefixAt(req, at[R.dst], dstLength, size)
  if (dst === undefined) return req.refuse(errno.EINVAL, 'Invalid dst address')
  const u32 = (id: number, otherwise = 0): number => (at[id] === 0 ? otherwise : req.u32(at[id]))
  const name = (id: number): string | undefined =>
    at[id] === 0 ? undefined : readByteString(bytes, at[id] + 4, req.attrEnd(at[id]))
  const mark = u32(R.fwmark)
  const table = at[R.table] === 0 ? bytes[body + 4] : u32(R.table)
  const action = bytes[body + 7]
  const priority = u32(R.priority, at[R.priority] === 0 ? defaultPriority(routes) : 0)
  const refused = checkDevice(req, at) || checkGoto(req, at, action) || checkTable(req, at, table) || checkUids(req, at)
  if (refused !== 0) return refused
  const sport = portsAt(req, at[R.sportRange], at[R.sportMask], 'sport')
  if (typeof sport === 'number') return sport
  const dport = portsAt(req, at[R.dportRange], at[R.dportMask], 'dport')
  if (typeof dport === 'number') return dport
  if (action === FR_ACT_GOTO && u32(R.goto) <= priority) {
    return req.refuse(errno.EINVAL, 'Backward goto not supported')
  }
  const dscp = at[R.dscp] !== 0
  const rule: Rule = {
    family,
    priority,
    action,
    table,
    src,
    srcLength,
    dst,
    dstLength,
    tos: dscp ? req.u8(at[R.dscp]) << 2 : tos,
    tosMask: dscp ? (at[R.dscpMask] === 0 ? ALL_DSCP : req.u8(at[R.dscpMask]) << 2) : tos === 0 ? 0 : ALL_DSCP,
    dscp,
    iifname: name(R.iifname),
    oifname: name(R.oifname),
    mark,
    mask: u32(R.fwmask, mark === 0 ? 0 : ANY_UID),
    flags: req.view.getUint32(body + 8, true),
    target: u32(R.goto),
    protocol: at[R.protocol] === 0 ? 0 : req.u8(at[R.protocol]),
    suppressLength: u32(R.suppressPrefixlen, NO_LIMIT) | 0,
    suppressGroup: u32(R.suppressIfgroup, NO_LIMIT) | 0,
    ipProto: at[R.ipProto] === 0 ? 0 : req.u8(at[R.ipProto]),
    uidStart: u32(R.uidRange),
    uidEnd: at[R.uidRange] === 0 ? ANY_UID : req.view.getUint32(at[R.uidRange] + 8, true),
    tunId: at[R.tunId] === 0 ? 0n : req.view.getBigUint64(at[R.tunId] + 4, true),
    l3mdev: at[R.l3mdev] !== 0,
    realm: family === AF_INET ? u32(R.flow) : 0,
    sport: sport.range,
    sportMask: sport.mask,
    dport: dport.range,
    dportMask: dport.mask,
  }
  return { routes, rule, at, saysPriority: at[R.priority] !== 0 }
}

function prefixAt(req: Request, attr: number, length: number, size: number): Words | undefined {
  const words = size / 4
  if (length === 0) return new Int32Array(words)
  if (attr === 0 || length > 8 * size || req.attrLength(attr) !== size) return undefined
  return readWords(req.bytes, attr + 4, words)
}

function checkDevice(req: Request, at: Int32Array): number {
  if (at[R.l3mdev] === 0 || req.u8(at[R.l3mdev]) === 1) return 0
  return req.refuse(errno.EINVAL, 'Invalid l3mdev attribute')
}

function checkGoto(req: Request, at: Int32Array, action: number): number {
  if (at[R.goto] === 0) {
    return action === FR_ACT_GOTO ? req.refuse(errno.EINVAL, 'Missing goto target for action goto') : 0
  }
  return action === FR_ACT_GOTO ? 0 : req.refuse(errno.EINVAL, 'Unexpected goto')
}

function checkTable(req: Request, at: Int32Array, table: number): number {
  if (at[R.l3mdev] === 0 || table === 0) return 0
  return req.refuse(errno.EINVAL, 'l3mdev and table are mutually exclusive')
}

function checkUids(req: Request, at: Int32Array): number {
  const attr = at[R.uidRange]
  if (attr === 0) return 0
  if (req.sender.userNs !== req.ns.userNs) return req.refuse(errno.EPERM, 'No permission to set uid')
  const [start, end] = [req.u32(attr), req.view.getUint32(attr + 8, true)]
  const wrong = start === ANY_UID || end === ANY_UID || start > end
  return wrong ? req.refuse(errno.EINVAL, 'Invalid uid range') : 0
}

function portsAt(req: Request, rangeAt: number, maskAt: number, name: string): Ports | number {
  if (rangeAt === 0) {
    if (maskAt === 0) return { range: 0, mask: 0 }
    return req.refuse(errno.EINVAL, 'Cannot specify port mask without port value', maskAt)
  }
  const [first, last] = [req.view.getUint16(rangeAt + 4, true), req.view.getUint16(rangeAt + 6, true)]
  if (first === 0 || last === 0 || first > last) return req.refuse(errno.EINVAL, `Invalid ${name} range`)
  const range = (first | (last << 16)) >>> 0
  if (maskAt === 0) return { range, mask: first === last ? ONE_PORT : 0 }
  const mask = req.u16(maskAt)
  if (first !== last) return req.refuse(errno.EINVAL, 'Cannot specify port mask for port range', maskAt)
  return (first & ~mask) !== 0 ? req.refuse(errno.EINVAL, 'Invalid port mask', maskAt) : { range, mask }
}
