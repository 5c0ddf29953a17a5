import { errno, LINK } from '@netkit/netlink'
import { CAP_NET_ADMIN } from '../access/capability.ts'
import { netlinkCapable } from '../net/capable.ts'
import type { Core } from '../net/core.ts'
import type { NetNamespace } from '../net/namespace.ts'
import type { Process } from '../net/process.ts'
import type { Request } from '../net/request.ts'

const L = LINK.ids

/** A namespace, or the negative errno of not finding it. */
export type NsResult = NetNamespace | number

/** The namespace of a process. */
export const nsOfPid = (kernel: Core, pid: number): NsResult => kernel.processes.get(pid)?.netns ?? -errno.ESRCH

/** The namespace behind a file descriptor of the requester. */
export function nsOfFd(process: Process, fd: number): NsResult {
  const file = process.files.get(fd)
  if (file === undefined) return -errno.EBADF
  return file.type === 'netns' ? file.netns : -errno.EINVAL
}

/** The namespace that NET_NS_PID or NET_NS_FD names; undefined if neither is there. */
export function nsByProcessOrFile(req: Request, attrs: Int32Array): NsResult | undefined {
  if (attrs[L.netNsPid] !== 0) return nsOfPid(req.socket.kernel, req.u32(attrs[L.netNsPid]))
  if (attrs[L.netNsFd] !== 0) return nsOfFd(req.process, req.u32(attrs[L.netNsFd]))
  return undefined
}

/** The namespace that a request for a new or changed link is about; the caller must be its administrator. */
export function targetNs(req: Request, attrs: Int32Array): NsResult {
  const ns = targetNsUnchecked(req, attrs)
  if (typeof ns === 'number') return ns
  return netlinkCapable(req, ns.userNs, CAP_NET_ADMIN) ? ns : -errno.EPERM
}

function targetNsUnchecked(req: Request, attrs: Int32Array): NsResult {
  if (attrs[L.targetNetnsid] === 0) return nsByProcessOrFile(req, attrs) ?? req.ns
  return req.ns.byNsid.get(req.s32(attrs[L.targetNetnsid])) ?? -errno.EINVAL
}

/** More than one attribute that names a namespace, or one that the operation does not take. */
export function checkNsAttrs(req: Request, attrs: Int32Array, onlyTarget: boolean): number {
  const pid = attrs[L.netNsPid] !== 0
  const fd = attrs[L.netNsFd] !== 0
  const target = attrs[L.targetNetnsid] !== 0
  if (onlyTarget && (pid || fd)) {
    return req.refuse(errno.EOPNOTSUPP, 'specified netns attribute not supported')
  }
  if (Number(pid) + Number(fd) + Number(target) > 1) {
    return req.refuse(errno.EINVAL, 'multiple netns identifying attributes specified')
  }
  return 0
}

/** The namespace with this id, for one who only asks: -EINVAL if there is none, -EACCES without privilege there. */
export function nsByIdForReading(req: Request, id: number): NsResult {
  const ns = req.ns.byNsid.get(id)
  if (!ns) return -errno.EINVAL
  return netlinkCapable(req, ns.userNs, CAP_NET_ADMIN) ? ns : -errno.EACCES
}
