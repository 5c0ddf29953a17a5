import { checkAttrs, errno, LIBERAL, NSID } from '@netkit/netlink'
import { assignNsid, freeNsid } from '../../net/nsid.ts'
import type { Request } from '../../net/request.ts'
import { peerReference } from './reference.ts'

const N = NSID.ids
const HEADER = 4

/** RTM_NEWNSID: gives a namespace an id in the requester's. Source: spec 01 §2.15. */
export function newNsid(req: Request): number {
  const attrs = new Int32Array(NSID.policy.maxId + 1)
  const body = req.start + 16
  if (req.end - body < 1) return req.refuse(errno.EINVAL, 'Invalid header length')
  const error = checkAttrs(req, Math.min(body + HEADER, req.end), req.end, req.policy(NSID.policy), LIBERAL, attrs)
  if (error !== 0) return error
  if (attrs[N.nsid] === 0) return req.refuse(errno.EINVAL, 'nsid is missing')
  const peer = peerReference(req, attrs, false)
  if (!peer) return req.refuse(errno.EINVAL, 'Peer netns reference is missing')
  if (typeof peer.ns === 'number') return req.refuse(-peer.ns, 'Peer netns reference is invalid', peer.attr)
  const { ns } = req
  if (ns.nsidOf.has(peer.ns)) return req.refuse(errno.EEXIST, 'Peer netns already has a nsid assigned', peer.attr)
  const wanted = req.s32(attrs[N.nsid])
  if (ns.byNsid.has(wanted)) return req.refuse(errno.EEXIST, 'The specified nsid is already used', attrs[N.nsid])
  assignNsid(req.socket.kernel, ns, peer.ns, wanted < 0 ? freeNsid(ns) : wanted, req)
  return 0
}
