import { checkAttrs, errno, LIBERAL, LINK, LINKINFO, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '@netkit/netlink'
import { readByteString } from '../../net/bytestring.ts'
import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import { findDevice, type LinkRequest, namesDevice, parseLink, withLinkRequest } from '../../net/link-request.ts'
import type { Request } from '../../net/request.ts'
import { checkNsAttrs } from '../target-ns.ts'
import { createLink } from './create.ts'
import { modifyLink } from './modify.ts'
import { findNamespaces, placePeer, readPeer } from './places.ts'

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
  const lost = kernel.release.does.placesFirst
    ? readPeer(req, link) || placePeer(req, link) || findNamespaces(req, link)
    : 0
  return lost || newOrChange(kernel, req, link)
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

/** What the kind has to say before anything is looked up: its data, its address rules. */
function checkKind(kernel: Core, req: Request, link: LinkRequest): number {
  const driver = link.kind === undefined ? undefined : kernel.drivers.byKind(link.kind)
  link.driver = driver
  if (!driver) return 0
  if (driver.policy) {
    const policy = req.policy(driver.policy)
    const data = link.makeData(policy)
    const at = link.info[INFO.data]
    if (at !== 0) {
      const error = checkAttrs(req, at + 4, req.attrEnd(at), policy, LIBERAL, data)
      if (error !== 0) return error
    }
  }
  return driver.validate?.(link, req) ?? 0
}

function newOrChange(kernel: Core, req: Request, link: LinkRequest): number {
  if (link.ifindex < 0) return req.refuse(errno.EINVAL, "ifindex can't be negative")
  const create = (req.flags & NLM_F_CREATE) !== 0
  const exclusive = (req.flags & NLM_F_EXCL) !== 0
  const ns = (create && exclusive && link.targetNs) || req.ns
  const dev = findDevice(ns, req, link)
  if (dev) return changeLink(kernel, req, link, dev)
  if (!create) {
    if (namesDevice(link) || !link.has(L.group)) return -errno.ENODEV
    return changeGroup(kernel, req, link)
  }
  return createLink(kernel, link, req)
}

function changeGroup(kernel: Core, req: Request, link: LinkRequest): number {
  const group = req.u32(link.attrs[L.group])
  for (const dev of [...req.ns.devices.values()]) {
    if (dev.group !== group) continue
    const error = modifyLink(kernel, dev, link, req)
    if (error !== 0) return error
  }
  return 0
}

function changeLink(kernel: Core, req: Request, link: LinkRequest, dev: Device): number {
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
  return modifyLink(kernel, dev, link, req, notify)
}
