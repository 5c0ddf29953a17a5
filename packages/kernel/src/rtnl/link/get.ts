import { beginMessage, checkAttrs, endMessage, errno, LINK, OLD_STRICT, RTM_NEWLINK, Writer } from '@netkit/netlink'
import { takeDatagram } from '../../net/datagrams.ts'
import {
  findDevice,
  type LinkRequest,
  namesDevice,
  parseLink,
  readLinkHeader,
  withLinkRequest,
} from '../../net/link-request.ts'
import { nsidFor } from '../../net/nsid.ts'
import type { Request } from '../../net/request.ts'
import { checkNsAttrs, nsByIdForReading } from '../target-ns.ts'
import { writeLinkMessage } from './message.ts'

const L = LINK.ids
const ALLOWED: ReadonlySet<number> = new Set([L.ifname, L.altIfname, L.extMask, L.targetNetnsid])
const out = new Writer(2048)

/** RTM_GETLINK for one link. Source: spec 01 §2.10. */
export const getLink = (req: Request): number => withLinkRequest(req, get)

function get(req: Request, link: LinkRequest): number {
  const error = parseGet(req, link) || checkNsAttrs(req, link.attrs, true)
  if (error !== 0) return error
  const { kernel } = req.socket
  let ns = req.ns
  let targetNetnsid: number | undefined
  if (link.has(L.targetNetnsid)) {
    targetNetnsid = req.s32(link.attrs[L.targetNetnsid])
    const target = nsByIdForReading(req, targetNetnsid)
    if (typeof target === 'number') return target
    ns = target
  }
  if (!namesDevice(link)) return -errno.EINVAL
  const dev = findDevice(ns, req, link)
  if (!dev) return -errno.ENODEV
  kernel.linkWatch.sync(dev)
  // An id that has to be made is announced before the reply is written.
  if (dev.linkNs !== dev.ns) nsidFor(kernel, req.ns, dev.linkNs)
  const mark = beginMessage(out.reset(), RTM_NEWLINK, 0, req.seq, req.socket.portId)
  writeLinkMessage(out, dev, {
    type: RTM_NEWLINK,
    change: 0,
    extMask: link.has(L.extMask) ? req.u32(link.attrs[L.extMask]) : 0,
    targetNetnsid,
    kernel,
    reader: req.ns,
  })
  endMessage(out, mark)
  req.socket.deliver(takeDatagram(out))
  return 0
}

function parseGet(req: Request, link: LinkRequest): number {
  const body = req.start + 16
  if (req.end - body < 16) return req.refuse(errno.EINVAL, 'Invalid header for get link')
  if (!req.socket.strict) return parseLink(req, link)
  readLinkHeader(req, link, body)
  const { view } = req
  if (view.getUint8(body + 1) !== 0 || view.getUint16(body + 2, true) !== 0 || link.flags !== 0 || link.change !== 0) {
    return req.refuse(errno.EINVAL, 'Invalid values in header for get link request')
  }
  const error = checkAttrs(req, body + 16, req.end, req.policy(LINK.policy), OLD_STRICT, link.attrs)
  if (error !== 0) return error
  for (let id = 1; id < link.attrs.length; id++) {
    if (link.attrs[id] !== 0 && !ALLOWED.has(id))
      return req.refuse(errno.EINVAL, 'Unsupported attribute in get link request')
  }
  return 0
}
