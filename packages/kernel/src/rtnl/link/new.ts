import { checkAttrs, errno, LIBERAL, LINK, LINKINFO, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '@netkit/netlink'
import { CAP_NET_ADMIN } from '../../access/capability.ts'
import { readByteString } from '../../net/bytestring.ts'
import { netlinkCapable } from '../../net/capable.ts'
import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import {
  findDevice,
  LINK_HEADER_SIZE,
  type LinkRequest,
  namesDevice,
  parseLink,
  readLinkHeader,
  withLinkRequest,
} from '../../net/link-request.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import type { Request } from '../../net/request.ts'
import { checkNsAttrs, nsByProcessOrFile, targetNs } from '../target-ns.ts'
import { createLink } from './create.ts'
import { modifyLink } from './modify.ts'

const L = LINK.ids
const INFO = LINKINFO.ids
const NOTHING = {}

/** RTM_NEWLINK: creates a link or changes one. Source: spec 01 §2.5. */
export const newLink = (req: Request): number => withLinkRequest(req, make)

function make(req: Request, link: LinkRequest): number {
  const { kernel } = req.socket
  const error =
    parseLink(req, link) ||
    checkNsAttrs(req, link.attrs, false) ||
    parseLinkInfo(req, link) ||
    checkKind(kernel, req, link)
  if (error !== 0) return error
  const target = targetNs(req, link.attrs)
  if (typeof target === 'number') return target
  const linkNs = linkNamespace(req, link, target)
  if (typeof linkNs === 'number') return linkNs
  link.linkNs = linkNs
  return newOrChange(kernel, req, link, target)
}

function parseLinkInfo(req: Request, link: LinkRequest): number {
  const at = link.attrs[L.linkinfo]
  if (at === 0) return 0
  // Refusals in here carry an errno only.
  const silent = { bytes: req.bytes, view: req.view, extack: NOTHING }
  const error = checkAttrs(silent, at + 4, req.attrEnd(at), LINKINFO.policy, LIBERAL, link.info)
  if (error !== 0) return error
  const kind = link.info[INFO.kind]
  if (kind !== 0) link.kind = readByteString(req.bytes, kind + 4, req.attrEnd(kind))
  link.hasData = link.info[INFO.data] !== 0
  return 0
}

/** What the kind has to say before anything is looked up: its data, its address rules, the namespace of its peer. */
function checkKind(kernel: Core, req: Request, link: LinkRequest): number {
  const driver = link.kind === undefined ? undefined : kernel.drivers.byKind(link.kind)
  link.driver = driver
  if (!driver) return 0
  if (driver.policy) {
    const data = link.makeData(driver.policy)
    const at = link.info[INFO.data]
    if (at !== 0) {
      const error = checkAttrs(req, at + 4, req.attrEnd(at), driver.policy, LIBERAL, data)
      if (error !== 0) return error
    }
  }
  const invalid = driver.validate?.(link, req) ?? 0
  if (invalid !== 0) return invalid
  return driver.peerAttr === undefined ? 0 : resolvePeer(req, link, link.data[driver.peerAttr])
}

function resolvePeer(req: Request, link: LinkRequest, peerAttr: number): number {
  link.peer = link
  if (peerAttr !== 0) {
    const peer = link.makePeer()
    readLinkHeader(req, peer, peerAttr + 4)
    if (peer.ifindex < 0) return req.refuse(errno.EINVAL, "ifindex can't be negative", peerAttr)
    const error =
      checkAttrs(req, peerAttr + 4 + LINK_HEADER_SIZE, req.attrEnd(peerAttr), LINK.policy, LIBERAL, peer.attrs) ||
      (link.driver?.validate?.(peer, req) ?? 0)
    if (error !== 0) return error
    link.peer = peer
    link.peerGiven = true
  }
  const ns = nsByProcessOrFile(req, link.peer.attrs)
  if (typeof ns === 'number') return ns
  if (ns && !netlinkCapable(req, ns.userNs, CAP_NET_ADMIN)) return -errno.EPERM
  link.peerNs = ns
  return 0
}

function linkNamespace(req: Request, link: LinkRequest, target: NetNamespace): NetNamespace | undefined | number {
  const at = link.attrs[L.linkNetnsid]
  if (at === 0) return undefined
  const ns = target.byNsid.get(req.s32(at))
  if (!ns) return req.refuse(errno.EINVAL, 'Unknown network namespace id')
  return netlinkCapable(req, ns.userNs, CAP_NET_ADMIN) ? ns : -errno.EPERM
}

function newOrChange(kernel: Core, req: Request, link: LinkRequest, target: NetNamespace): number {
  if (link.ifindex < 0) return req.refuse(errno.EINVAL, "ifindex can't be negative")
  const create = (req.flags & NLM_F_CREATE) !== 0
  const exclusive = (req.flags & NLM_F_EXCL) !== 0
  const dev = findDevice(create && exclusive ? target : req.ns, req, link)
  if (dev) return changeLink(kernel, req, link, dev, target)
  if (!create) {
    if (namesDevice(link) || !link.has(L.group)) return -errno.ENODEV
    return changeGroup(kernel, req, link, target)
  }
  return createLink(kernel, target, link, req)
}

function changeGroup(kernel: Core, req: Request, link: LinkRequest, target: NetNamespace): number {
  const group = req.u32(link.attrs[L.group])
  for (const dev of [...req.ns.devices.values()]) {
    if (dev.group !== group) continue
    const error = modifyLink(kernel, dev, target, link, req)
    if (error !== 0) return error
  }
  return 0
}

function changeLink(kernel: Core, req: Request, link: LinkRequest, dev: Device, target: NetNamespace): number {
  if ((req.flags & NLM_F_EXCL) !== 0) return -errno.EEXIST
  if ((req.flags & NLM_F_REPLACE) !== 0) return -errno.EOPNOTSUPP
  let notify = false
  if (link.hasData) {
    const { driver } = link
    if (!driver || driver !== dev.driver || !driver.changelink) return -errno.EOPNOTSUPP
    const error = driver.changelink(kernel, dev, link, req)
    if (error !== 0) return error
    notify = true
  }
  if (link.info[INFO.slaveData] !== 0) return -errno.EOPNOTSUPP
  return modifyLink(kernel, dev, target, link, req, notify)
}
