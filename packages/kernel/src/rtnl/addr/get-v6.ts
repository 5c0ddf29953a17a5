import {
  ADDR,
  ADDR_POLICY_V6,
  beginMessage,
  endMessage,
  errno,
  LIBERAL,
  OLD_STRICT,
  RTM_NEWADDR,
  Writer,
} from '@netkit/netlink'
import type { Request } from '../../net/request.ts'
import { sameWords } from '../../prefix/words.ts'
import { bodyOf, onlyThese, parseBody } from '../body.ts'
import { nsByIdForReading } from '../target-ns.ts'
import { writeAddress } from './message.ts'
import { endsOf } from './new-v6.ts'
import { ADDR_HEADER_SIZE, AddrRequest } from './request.ts'

const A = ADDR.ids
const out = new Writer(256)

function parse(r: AddrRequest): number {
  const { req } = r
  const body = bodyOf(req)
  if (req.end - body < ADDR_HEADER_SIZE) {
    return req.refuse(errno.EINVAL, 'ipv6: Invalid header for get address request')
  }
  if (!req.socket.strict) return parseBody(req, ADDR_HEADER_SIZE, ADDR_POLICY_V6, r.attrs, LIBERAL)
  if (req.bytes[body + 1] !== 0 || req.bytes[body + 2] !== 0 || req.bytes[body + 3] !== 0) {
    return req.refuse(errno.EINVAL, 'ipv6: Invalid values in header for get address request')
  }
  const error = parseBody(req, ADDR_HEADER_SIZE, ADDR_POLICY_V6, r.attrs, OLD_STRICT)
  if (error !== 0) return error
  const allowed = [A.targetNetnsid, A.address, A.local]
  return onlyThese(req, r.attrs, allowed, 'ipv6: Unsupported attribute in get address request')
}

/** RTM_GETADDR of IPv6, of one address. */
export function getV6Address(req: Request): number {
  const r = new AddrRequest(req)
  const error = parse(r)
  if (error !== 0) return error
  let { ns } = req
  let target: number | undefined
  if (r.has(A.targetNetnsid)) {
    target = req.s32(r.attrs[A.targetNetnsid])
    const found = nsByIdForReading(req, target)
    if (typeof found === 'number') return found
    ns = found
  }
  const ends = endsOf(r)
  if (ends === undefined) return -errno.EINVAL
  const only = r.ifindex !== 0 ? ns.devices.get(r.ifindex) : undefined
  for (const dev of only ? [only] : ns.devices.values()) {
    const a = dev.inet?.v6Addresses.find((one) => sameWords(one.local, ends.local))
    if (!a) continue
    const mark = beginMessage(out.reset(), RTM_NEWADDR, 0, req.seq, req.socket.portId)
    writeAddress(out, req.socket.kernel, dev, a, target)
    endMessage(out, mark)
    req.socket.deliver(out.take())
    return 0
  }
  return -errno.EADDRNOTAVAIL
}
