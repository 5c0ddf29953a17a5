import { errno, LIBERAL, OLD_STRICT, type PolicyTable, ROUTE } from '@netkit/netlink'
import type { Request } from '../../net/request.ts'
import { bodyOf, onlyThese, parseBody } from '../body.ts'
import { ROUTE_HEADER_SIZE } from './wish-v4.ts'

const R = ROUTE.ids
const ALLOWED = [R.iif, R.oif, R.src, R.dst, R.ipProto, R.sport, R.dport, R.mark, R.uid]
const TCP = 6
const UDP = 17

/** What the two families say of questions in their own way. */
export interface Dialect {
  readonly name: 'ipv4' | 'ipv6'
  readonly bits: number
  /** How it calls such a question. */
  readonly question: string
  readonly policy: PolicyTable
  readonly attrs: readonly number[]
  readonly badFlags: string
  /** Flags that a question may have, RTM_F_*. */
  readonly flags: number
}

export const V4_ATTRS = ALLOWED
export const V6_ATTRS = [...ALLOWED, R.flowlabel]

/** Checks a question for a route and notes where its attributes are. Returns 0 or a negative errno. */
export function checkQuestion(req: Request, d: Dialect, found: Int32Array): number {
  const body = bodyOf(req)
  const { bytes } = req
  const refuse = (what: string): number => req.refuse(errno.EINVAL, `${d.name}: ${what}`)
  if (req.end - body < ROUTE_HEADER_SIZE) return refuse(`Invalid header for ${d.question} request`)
  if (!req.socket.strict) {
    return parseBody(req, ROUTE_HEADER_SIZE, d.policy, found, LIBERAL) || checkProtocol(req, found)
  }
  const [dst, src] = [bytes[body + 1], bytes[body + 2]]
  const odd = (src !== 0 && src !== d.bits) || (dst !== 0 && dst !== d.bits)
  const tos = d.bits === 128 ? bytes[body + 3] : 0
  if (
    odd ||
    tos !== 0 ||
    bytes[body + 4] !== 0 ||
    bytes[body + 5] !== 0 ||
    bytes[body + 6] !== 0 ||
    bytes[body + 7] !== 0
  ) {
    return refuse(`Invalid values in header for ${d.question} request`)
  }
  if ((req.view.getUint32(body + 8, true) & ~d.flags) !== 0) return refuse(d.badFlags)
  const error = parseBody(req, ROUTE_HEADER_SIZE, d.policy, found, OLD_STRICT)
  if (error !== 0) return error
  if ((found[R.src] !== 0 && src === 0) || (found[R.dst] !== 0 && dst === 0)) {
    const v = d.bits === 32 ? 'IPv4' : 'IPv6'
    return refuse(`rtm_src_len and rtm_dst_len must be ${d.bits} for ${v}`)
  }
  const text = `${d.name}: Unsupported attribute in ${d.question} request`
  return onlyThese(req, found, d.attrs, text) || checkProtocol(req, found)
}

/** Routes by port exist for protocols that have ports, and for those of ping. */
function checkProtocol(req: Request, found: Int32Array): number {
  const at = found[R.ipProto]
  if (at === 0) return 0
  const protocol = req.u8(at)
  const known = protocol === TCP || protocol === UDP || protocol === 1 || protocol === 58
  return known ? 0 : req.refuse(errno.EOPNOTSUPP, 'Unsupported ip proto')
}

export const numberAt = (req: Request, at: number): number => (at === 0 ? 0 : req.u32(at))
