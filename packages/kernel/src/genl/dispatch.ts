import {
  checkAttrs,
  errno,
  GENL_HDRLEN,
  type GenlCommand,
  LIBERAL,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_ECHO,
  NLM_F_REQUEST,
  NLMSG_HDRLEN,
  STRICT,
} from '@netkit/netlink'
import { CAP_NET_ADMIN } from '../access/capability.ts'
import { netlinkCapable } from '../net/capable.ts'
import type { Core } from '../net/core.ts'
import type { Request } from '../net/request.ts'
import type { Registered } from './call.ts'

const HEADERS = NLMSG_HDRLEN + GENL_HDRLEN
const PLAIN_FLAGS = NLM_F_REQUEST | NLM_F_ACK | NLM_F_ECHO

/** Checks a request as all families do, and hands it to its command. Source: spec 01 §1.9, in its order. */
export function dispatch(kernel: Core, req: Request, registered: Registered): number {
  if (req.end - req.start < HEADERS) return -errno.EINVAL
  const number = req.bytes[req.start + NLMSG_HDRLEN]
  if (number >= (registered.family.checkedFrom ?? 0)) {
    const error = checkHeader(req)
    if (error !== 0) return error
  }
  const served = registered.commands.get(number)
  const dump = (req.flags & NLM_F_DUMP) === NLM_F_DUMP
  const policy = dump ? served?.command.dump : served?.command.do
  if (!served || !policy) return -errno.EOPNOTSUPP
  const { command, handlers, room } = served
  if (!mayUse(kernel, req, command)) return -errno.EPERM
  const attrs = new Int32Array(room)
  const level = !dump && command.liberal ? LIBERAL : STRICT
  // Older releases do not look at what they take nothing of.
  const unseen = policy.maxId === 0 && !kernel.release.does.refusesUnasked
  const error = unseen ? 0 : checkAttrs(req, req.start + HEADERS, req.end, policy, level, attrs)
  if (error !== 0) return error
  const handle = dump ? handlers.dump : handlers.do
  return handle ? handle({ req, kernel, attrs, registered, command }) : -errno.EOPNOTSUPP
}

function checkHeader(req: Request): number {
  if (req.view.getUint16(req.start + NLMSG_HDRLEN + 2, true) !== 0) {
    return req.refuse(errno.EINVAL, 'genlmsghdr.reserved field is not 0')
  }
  const odd = req.flags & ~PLAIN_FLAGS
  if (odd !== 0 && odd !== NLM_F_DUMP) return req.refuse(errno.EINVAL, 'ambiguous or reserved bits set in nlmsg_flags')
  return 0
}

function mayUse(kernel: Core, req: Request, { privilege }: GenlCommand): boolean {
  if (privilege === undefined) return true
  return netlinkCapable(req, privilege === 'admin' ? kernel.initialUserNs : req.ns.userNs, CAP_NET_ADMIN)
}
