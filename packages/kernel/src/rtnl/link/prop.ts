import { checkAttrs, errno, LINK, STRICT } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { findDevice, LinkRequest, nameAttr, namesDevice, readLinkHeader } from '../../net/link-request.ts'
import type { Request } from '../../net/request.ts'
import { checkNsAttrs } from '../target-ns.ts'

const L = LINK.ids

export const newLinkProp = (req: Request): number => changeProps(req, addAltName)
export const delLinkProp = (req: Request): number => changeProps(req, deleteAltName)

/** RTM_NEWLINKPROP and RTM_DELLINKPROP: alternative names come and go. Source: spec 01 §2.16. */
function changeProps(req: Request, change: (dev: Device, name: string, req: Request) => number): number {
  const link = new LinkRequest()
  const body = req.start + 16
  if (req.end - body < 16) return req.refuse(errno.EINVAL, 'Invalid header length')
  readLinkHeader(req, link, body)
  const error =
    checkAttrs(req, body + 16, req.end, req.policy(LINK.policy), STRICT, link.attrs) ||
    checkNsAttrs(req, link.attrs, true)
  if (error !== 0) return error
  if (!namesDevice(link)) return -errno.EINVAL
  const dev = findDevice(req.ns, req, link)
  if (!dev) return -errno.ENODEV
  const list = link.attrs[L.propList]
  if (list === 0) return 0
  let changed = false
  let result = 0
  for (let at = list + 4, end = req.attrEnd(list); end - at >= 4 && result === 0; ) {
    const length = req.view.getUint16(at, true)
    if (length < 4 || at + length > end) break
    if ((req.view.getUint16(at + 2, true) & 0x3fff) === L.altIfname) {
      // Names are checked one by one: those before a bad one have come or gone already.
      result = checkAttrs(req, at, at + length, req.policy(LINK.policy), STRICT) || change(dev, nameAttr(req, at), req)
      changed ||= result === 0
    }
    at += (length + 3) & ~3
  }
  if (changed) {
    req.socket.kernel.changes++
    if (dev.up && result === 0) req.socket.kernel.announce.link(dev, { change: 0 })
  }
  return result
}

/** What all names of a device would take at their longest must fit into one attribute: Linux counts each as 132 bytes. */
const MAX_ALT_NAMES = 496

function addAltName(dev: Device, name: string, req: Request): number {
  dev.altNames ??= []
  if (dev.altNames.length >= MAX_ALT_NAMES) return req.refuse(errno.EINVAL, 'effective property list too long')
  if (dev.ns.names.has(name)) return -errno.EEXIST
  dev.altNames.push(name)
  dev.ns.names.add(name, dev)
  return 0
}

function deleteAltName(dev: Device, name: string): number {
  const holder = dev.ns.names.get(name)
  if (!holder) return -errno.ENOENT
  if (holder !== dev || name === dev.name) return -errno.EINVAL
  dev.altNames = dev.altNames?.filter((n) => n !== name)
  dev.ns.names.delete(name)
  return 0
}
