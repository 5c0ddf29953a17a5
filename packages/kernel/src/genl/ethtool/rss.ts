import { ETHTOOL, errno, RSS, type Writer } from '@netkit/netlink'
import type { RssChange, RssState } from '../../net/ethtool.ts'
import type { Request } from '../../net/request.ts'
import type { GenlCall, Handlers } from '../call.ts'
import { readDeviceHeader } from './header.ts'
import type { EthtoolNotifier } from './notify.ts'
import { query } from './query.ts'

const R = RSS.ids

function writeRss(w: Writer, rss: RssState): void {
  const indir = w.begin(R.indir)
  for (const queue of rss.indir) w.u32(queue)
  w.end(indir)
  w.attrU32(R.hfunc, rss.hfunc)
  if (rss.inputXfrm !== 0) w.attrU32(R.inputXfrm, rss.inputXfrm)
  w.attrBytes(R.hkey, rss.key)
}

/** There is no context but the device's own, 0. */
const hasContext = (call: GenlCall): boolean => call.attrs[R.context] === 0 || call.req.u32(call.attrs[R.context]) === 0

export const getRss: Handlers = query((dev, _flags, call) => {
  const hooks = dev.driver.ethtool?.rss
  if (!hooks) return -errno.EOPNOTSUPP
  if (call.attrs[R.context] !== 0 && !hasContext(call)) return -errno.ENOENT
  const rss = hooks.get(dev)
  return (w) => writeRss(w, rss)
})

/** Changes how received packets are spread over queues. */
export function setRss(call: GenlCall, notifier: EthtoolNotifier): number {
  const { req, attrs, kernel } = call
  const header = readDeviceHeader(call)
  if (typeof header === 'number') return header
  const { dev } = header
  const hooks = dev.driver.ethtool?.rss
  if (!hooks?.set) return -errno.EOPNOTSUPP
  if (!hasContext(call)) return req.refuse(errno.ENOENT, undefined, attrs[R.context])
  if (attrs[R.flowHash] !== 0) return req.refuse(errno.EOPNOTSUPP, undefined, attrs[R.flowHash])
  const now = hooks.get(dev)
  const change = readChange(req, attrs, now, dev.realRxQueues)
  if (typeof change === 'number') return change
  if (Object.keys(change).length === 0) return 0
  const error = hooks.set(kernel, dev, change, req)
  if (error !== 0) return error
  kernel.changes++
  notifier.tell(dev, ETHTOOL.commands.rssNtf.id, (w) => writeRss(w, hooks.get(dev)))
  return 0
}

function readChange(req: Request, attrs: Int32Array, now: RssState, queues: number): RssChange | number {
  const indir = attrs[R.indir] === 0 ? undefined : readTable(req, attrs[R.indir], now.indir.length, queues)
  if (typeof indir === 'number') return indir
  if (attrs[R.hkey] !== 0 && req.attrLength(attrs[R.hkey]) !== now.key.length) {
    return req.refuse(errno.EINVAL, undefined, attrs[R.hkey])
  }
  return {
    ...(attrs[R.hfunc] !== 0 && { hfunc: req.u32(attrs[R.hfunc]) }),
    ...(indir !== undefined && { indir }),
    ...(attrs[R.hkey] !== 0 && { key: req.payload(attrs[R.hkey]) }),
    ...(attrs[R.inputXfrm] !== 0 && { inputXfrm: req.u32(attrs[R.inputXfrm]) }),
  }
}

/** A table of queues, repeated until it fills the device's; an empty one asks for the default. */
function readTable(req: Request, attr: number, size: number, queues: number): number[] | null | number {
  const length = req.attrLength(attr)
  if (length === 0) return null
  const given = length / 4
  if (length % 4 !== 0 || size % given !== 0) return req.refuse(errno.EINVAL, undefined, attr)
  const table: number[] = []
  for (let i = 0; i < given; i++) {
    const queue = req.view.getUint32(attr + 4 + 4 * i, true)
    if (queue >= queues) {
      req.extack.offset = attr
      return req.refuseFormatted(errno.EINVAL, `entry ${i}: queue out of range (${queue})`)
    }
    table.push(queue)
  }
  return Array.from({ length: size }, (_, i) => table[i % given])
}
