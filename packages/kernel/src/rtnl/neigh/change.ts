import { errno, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE, NTF_PROXY, NTF_ROUTER, NTF_USE } from '@netkit/netlink'
import * as nud from '../../net/neighbour-states.ts'
import type { Request } from '../../net/request.ts'
import { readNeighbour } from './request.ts'

const REFUSED_UPDATE = 'No link layer address given'

/** RTM_NEWNEIGH: makes or changes an entry. Entries for others (proxies) are not kept. */
export function newNeighbour(req: Request): number {
  const wanted = readNeighbour(req)
  if (typeof wanted === 'number') return wanted
  if ((wanted.flags & NTF_PROXY) !== 0) return -errno.EOPNOTSUPP
  const { dev, key, v6, state, lladdr } = wanted
  if (dev === undefined) return req.refuse(errno.EINVAL, 'Device not specified')
  const resolver = req.socket.kernel.neighbours(v6)
  let n = resolver.map.find(dev, key)
  let how = nud.UPDATE_ADMIN | nud.UPDATE_OVERRIDE | nud.UPDATE_OVERRIDE_ROUTER
  if (n === undefined) {
    if ((req.flags & NLM_F_CREATE) === 0) return -errno.ENOENT
    n = resolver.get(dev, key)
    if (n === undefined) return -errno.ENOBUFS
  } else {
    if ((req.flags & NLM_F_EXCL) !== 0) return -errno.EEXIST
    if ((req.flags & NLM_F_REPLACE) === 0) how &= ~(nud.UPDATE_OVERRIDE | nud.UPDATE_OVERRIDE_ROUTER)
  }
  if (wanted.protocol !== undefined) n.protocol = wanted.protocol
  if ((wanted.flags & NTF_ROUTER) !== 0) how |= nud.UPDATE_ROUTER
  n.flags = (n.flags & ~nud.NTF_EXT_LEARNED) | (wanted.flags & nud.NTF_EXT_LEARNED)
  n.extFlags = wanted.extFlags
  req.socket.kernel.changes++
  if ((wanted.flags & NTF_USE) !== 0) {
    resolver.resolve(n)
    return 0
  }
  return resolver.update(n, lladdr, state, how) ? 0 : req.refuse(errno.EINVAL, REFUSED_UPDATE)
}

/** RTM_DELNEIGH: told as failed first, then as gone. */
export function delNeighbour(req: Request): number {
  const wanted = readNeighbour(req)
  if (typeof wanted === 'number') return wanted
  if (wanted.dev === undefined) return -errno.EINVAL
  const resolver = req.socket.kernel.neighbours(wanted.v6)
  const n = resolver.map.find(wanted.dev, wanted.key)
  if (n === undefined) return -errno.ENOENT
  resolver.update(n, undefined, nud.NUD_FAILED, nud.UPDATE_ADMIN | nud.UPDATE_OVERRIDE)
  resolver.remove(n)
  req.socket.kernel.changes++
  return 0
}
