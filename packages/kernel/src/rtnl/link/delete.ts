import { errno, LINK } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { findDevice, type LinkRequest, namesDevice, parseLink, withLinkRequest } from '../../net/link-request.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import { unregisterDevices } from '../../net/register.ts'
import type { Request } from '../../net/request.ts'
import { checkNsAttrs, nsByIdForReading } from '../target-ns.ts'

const L = LINK.ids

/** RTM_DELLINK: deletes a link, or all of a group, and what goes along with them. Source: spec 01 §2.9. */
export const delLink = (req: Request): number => withLinkRequest(req, del)

function del(req: Request, link: LinkRequest): number {
  const error = parseLink(req, link) || checkNsAttrs(req, link.attrs, true)
  if (error !== 0) return error
  let ns = req.ns
  if (link.has(L.targetNetnsid)) {
    const target = nsByIdForReading(req, req.s32(link.attrs[L.targetNetnsid]))
    if (typeof target === 'number') return target
    ns = target
  }
  if (namesDevice(link)) {
    const dev = findDevice(ns, req, link)
    return dev ? deleteOne(req, dev) : -errno.ENODEV
  }
  return link.has(L.group) ? deleteGroup(req, ns, req.u32(link.attrs[L.group])) : -errno.EINVAL
}

function deleteOne(req: Request, dev: Device): number {
  if (!dev.driver.dellink) return -errno.EOPNOTSUPP
  const doomed: Device[] = []
  dev.driver.dellink(dev, doomed)
  unregisterDevices(req.socket.kernel, doomed, { req })
  return 0
}

function deleteGroup(req: Request, ns: NetNamespace, group: number): number {
  if (group === 0) return -errno.EPERM
  const members = [...ns.devices.values()].filter((dev) => dev.group === group)
  if (members.length === 0) return -errno.ENODEV
  if (members.some((dev) => !dev.driver.dellink)) return -errno.EOPNOTSUPP
  const doomed = new Set<Device>()
  for (const dev of members) {
    if (doomed.has(dev)) continue
    const along: Device[] = []
    dev.driver.dellink?.(dev, along)
    for (const each of along) doomed.add(each)
  }
  unregisterDevices(req.socket.kernel, [...doomed])
  return 0
}
