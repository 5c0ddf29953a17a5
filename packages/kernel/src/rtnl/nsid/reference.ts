import { errno, NSID } from '@netkit/netlink'
import type { NetNamespace } from '../../net/namespace.ts'
import type { Request } from '../../net/request.ts'
import { nsOfFd, nsOfPid } from '../target-ns.ts'

const N = NSID.ids

/** The namespace that a request refers to, with the attribute that does; or a negative errno. */
export interface PeerReference {
  readonly ns: NetNamespace | number
  readonly attr: number
}

/** By PID, else by FD, else (where that is allowed) by NSID; undefined if there is no reference. */
export function peerReference(req: Request, attrs: Int32Array, byId: boolean): PeerReference | undefined {
  if (attrs[N.pid] !== 0) return { ns: nsOfPid(req.socket.kernel, req.u32(attrs[N.pid])), attr: attrs[N.pid] }
  if (attrs[N.fd] !== 0) return { ns: nsOfFd(req.process, req.u32(attrs[N.fd])), attr: attrs[N.fd] }
  if (!byId || attrs[N.nsid] === 0) return undefined
  return { ns: req.ns.byNsid.get(req.s32(attrs[N.nsid])) ?? -errno.ENOENT, attr: attrs[N.nsid] }
}
