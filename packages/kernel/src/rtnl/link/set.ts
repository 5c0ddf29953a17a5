import { errno } from '@netkit/netlink'
import { findDevice, type LinkRequest, namesDevice, parseLink, withLinkRequest } from '../../net/link-request.ts'
import type { Request } from '../../net/request.ts'
import { checkNsAttrs, targetNs } from '../target-ns.ts'
import { modifyLink } from './modify.ts'

/** RTM_SETLINK: changes what all links have. What the kind has of its own is ignored. Source: spec 01 §2.8. */
export const setLink = (req: Request): number => withLinkRequest(req, set)

function set(req: Request, link: LinkRequest): number {
  const error = parseLink(req, link) || checkNsAttrs(req, link.attrs, false)
  if (error !== 0) return error
  const { kernel } = req.socket
  if (kernel.release.does.placesFirst) {
    const target = targetNs(req, link.attrs)
    if (typeof target === 'number') return target
    link.targetNs = target
  }
  if (!namesDevice(link)) return -errno.EINVAL
  const dev = findDevice(req.ns, req, link)
  if (!dev) return -errno.ENODEV
  return modifyLink(kernel, dev, link, req)
}
