import { checkAttrs, errno, LIBERAL, LINK } from '@netkit/netlink'
import { CAP_NET_ADMIN } from '../../access/capability.ts'
import { netlinkCapable } from '../../net/capable.ts'
import { LINK_HEADER_SIZE, type LinkRequest, readLinkHeader } from '../../net/link-request.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import type { Request } from '../../net/request.ts'
import { nsByProcessOrFile, targetNs } from '../target-ns.ts'

const L = LINK.ids

/** Checks what is said of the peer of a new link: of kinds with peers. Returns 0 or a negative errno. */
export function readPeer(req: Request, link: LinkRequest): number {
  const { driver } = link
  if (driver?.peerAttr === undefined) return 0
  link.peer = link
  const attr = link.data[driver.peerAttr]
  return attr === 0 ? 0 : parsePeer(req, link, attr)
}

/** Finds where the peer goes, if there is to be one and its attributes say so. Returns 0 or a negative errno. */
export function placePeer(req: Request, link: LinkRequest): number {
  if (link.peer === undefined) return 0
  const ns = nsByProcessOrFile(req, link.peer.attrs)
  if (typeof ns === 'number') return ns
  if (ns && req.socket.kernel.release.does.peerNeedsPrivilege && !netlinkCapable(req, ns.userNs, CAP_NET_ADMIN))
    return -errno.EPERM
  link.peerNs = ns
  return 0
}

function parsePeer(req: Request, link: LinkRequest, attr: number): number {
  const peer = link.makePeer()
  readLinkHeader(req, peer, attr + 4)
  if (peer.ifindex < 0) return req.refuse(errno.EINVAL, "ifindex can't be negative", attr)
  const from = attr + 4 + LINK_HEADER_SIZE
  const error =
    checkAttrs(req, from, req.attrEnd(attr), req.policy(LINK.policy), LIBERAL, peer.attrs) ||
    (link.driver?.validate?.(peer, req) ?? 0)
  if (error !== 0) return error
  link.peer = peer
  link.peerGiven = true
  return 0
}

/** Finds the namespace of a link, and the one in which it looks for the link that it stands on. Returns 0 or a negative errno. */
export function findNamespaces(req: Request, link: LinkRequest): number {
  const target = targetNs(req, link.attrs)
  if (typeof target === 'number') return target
  const linkNs = linkNamespace(req, link, target)
  if (typeof linkNs === 'number') return linkNs
  link.targetNs = target
  link.linkNs = linkNs
  return 0
}

function linkNamespace(req: Request, link: LinkRequest, target: NetNamespace): NetNamespace | undefined | number {
  const at = link.attrs[L.linkNetnsid]
  if (at === 0) return undefined
  const ns = target.byNsid.get(req.s32(at))
  if (!ns) return req.refuse(errno.EINVAL, 'Unknown network namespace id')
  return netlinkCapable(req, ns.userNs, CAP_NET_ADMIN) ? ns : -errno.EPERM
}
