import { checkAttrs, errno, LIBERAL, NSID, OLD_STRICT, RTM_NEWNSID } from '@netkit/netlink'
import type { Request } from '../../net/request.ts'
import { nsByIdForReading } from '../target-ns.ts'
import { nsidMessage } from './message.ts'
import { peerReference } from './reference.ts'

const N = NSID.ids
const HEADER = 4
const ALLOWED: ReadonlySet<number> = new Set([N.pid, N.nsid, N.fd, N.targetNsid])

/** RTM_GETNSID: the id by which a namespace knows another; none is made. Source: spec 01 §2.15. */
export function getNsid(req: Request): number {
  const attrs = new Int32Array(NSID.policy.maxId + 1)
  const body = req.start + 16
  if (req.end - body < 1) return req.refuse(errno.EINVAL, 'Invalid header length')
  const level = req.socket.strict ? OLD_STRICT : LIBERAL
  const error = checkAttrs(req, Math.min(body + HEADER, req.end), req.end, req.policy(NSID.policy), level, attrs)
  if (error !== 0) return error
  if (req.socket.strict) {
    for (let id = 1; id < attrs.length; id++) {
      if (attrs[id] === 0 || ALLOWED.has(id)) continue
      return req.refuse(errno.EINVAL, 'Unsupported attribute in peer netns getid request')
    }
  }
  const peer = peerReference(req, attrs, true)
  if (!peer) return req.refuse(errno.EINVAL, 'Peer netns reference is missing')
  if (typeof peer.ns === 'number') return req.refuse(-peer.ns, 'Peer netns reference is invalid', peer.attr)
  let reader = req.ns
  let current: number | undefined
  if (attrs[N.targetNsid] !== 0) {
    const target = nsByIdForReading(req, req.s32(attrs[N.targetNsid]))
    if (typeof target === 'number') return req.refuse(-target, 'Target netns reference is invalid', attrs[N.targetNsid])
    current = req.ns.nsidOf.get(peer.ns) ?? -1
    reader = target
  }
  const nsid = reader.nsidOf.get(peer.ns) ?? -1
  req.socket.deliver(nsidMessage(RTM_NEWNSID, 0, req.seq, req.socket.portId, nsid, current))
  return 0
}
