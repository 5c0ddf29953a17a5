import { ETHTOOL, errno, RSS, type Writer } from '@netkit/netlink'
import type { RssChange, RssState } from '../../net/ethtool.ts'
import type { Request } from '../../net/request.ts'
import { type GenlCall, type Handlers, missing } from '../call.ts'
import { readDeviceHeader, readHeader } from './header.ts'
import type { EthtoolNotifier } from './notify.ts'
import { query } from './query.ts'

const R = RSS.ids

function writeRss(w: Writer, rss: RssState): void {
  const indir = w.begin(R.indir)
  for (const queue of rss.indir) w.u32(queue)
  w.end(indir)
  w.attrU32(R.hfunc, rss.hfunc)
  w.attrBytes(R.hkey, rss.key)
}

/** A context besides the device's own, which no device here has. */
const otherContext = ({ req, attrs }: GenlCall): boolean => attrs[R.context] !== 0 && req.u32(attrs[R.context]) !== 0

const queries = query((dev, _flags, call) => {
  const hooks = dev.driver.ethtool?.rss
  if (!hooks || otherContext(call)) return -errno.EOPNOTSUPP
  const rss = hooks.get(dev)
  return (w) => writeRss(w, rss)
})

/** One context is asked for by its number, all of them from a number on. */
export const getRss: Handlers = {
  do(call) {
    const { req, attrs } = call
    const header = readDeviceHeader(call)
    if (typeof header === 'number') return header
    if (attrs[R.startContext] !== 0) return req.refuse(errno.EINVAL, undefined, attrs[R.startContext])
    return queries.do?.(call) ?? -errno.EOPNOTSUPP
  },
  dump(call) {
    const { req, attrs } = call
    if (attrs[R.context] !== 0) return req.refuse(errno.EINVAL, undefined, attrs[R.context])
    return queries.dump?.(call) ?? -errno.EOPNOTSUPP
  },
}

/** Changes how received packets are spread over queues. Asking for nothing succeeds even where nothing can be changed. */
export function setRss(call: GenlCall, notifier: EthtoolNotifier): number {
  const { req, attrs, kernel } = call
  const header = readDeviceHeader(call)
  if (typeof header === 'number') return header
  const { dev } = header
  const hooks = dev.driver.ethtool?.rss
  if (otherContext(call)) return req.refuse(errno.EOPNOTSUPP, undefined, attrs[R.context])
  if (attrs[R.inputXfrm] !== 0 && req.u32(attrs[R.inputXfrm]) !== 0) {
    return req.refuse(errno.EOPNOTSUPP, undefined, attrs[R.inputXfrm])
  }
  if (attrs[R.flowHash] !== 0) return req.refuse(errno.EOPNOTSUPP, undefined, attrs[R.flowHash])
  const now = hooks?.get(dev)
  const change = readChange(req, attrs, now, dev.realRxQueues)
  if (typeof change === 'number') return change
  if (!hooks?.set || !now || !changes(now, change)) return 0
  const error = hooks.set(kernel, dev, change, req)
  if (error !== 0) return error
  kernel.changes++
  notifier.tell(dev, ETHTOOL.commands.rssNtf, (w) => writeRss(w, hooks.get(dev)))
  return 0
}

const same = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  a.length === b.length && Array.prototype.every.call(a, (n, i) => n === b[i])

/** Whether anything would be different. Setting the table counts, as it is the user's from then on. */
const changes = (now: RssState, { hfunc, indir, key }: RssChange): boolean =>
  indir !== undefined || (key !== undefined && !same(key, now.key)) || (hfunc !== undefined && hfunc !== now.hfunc)

/** Checked in this order: the table, the key, the function. `now`: undefined of a device that has none of them. */
function readChange(req: Request, attrs: Int32Array, now: RssState | undefined, queues: number): RssChange | number {
  const indir = attrs[R.indir] === 0 ? undefined : readTable(req, attrs[R.indir], now?.indir.length ?? 0, queues)
  if (typeof indir === 'number') return indir
  if (attrs[R.hkey] !== 0 && req.attrLength(attrs[R.hkey]) !== (now?.key.length ?? 0)) {
    return req.refuse(errno.EINVAL, undefined, attrs[R.hkey])
  }
  if (attrs[R.hfunc] !== 0 && !now) return -errno.EOPNOTSUPP
  return {
    ...(attrs[R.hfunc] !== 0 && { hfunc: req.u32(attrs[R.hfunc]) }),
    ...(indir !== undefined && { indir }),
    ...(attrs[R.hkey] !== 0 && { key: req.payload(attrs[R.hkey]) }),
  }
}

/** A table of queues, repeated until it fills the device's; an empty one asks for the default. */
function readTable(req: Request, attr: number, size: number, queues: number): number[] | null | number {
  if (size === 0) return -errno.EOPNOTSUPP
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

/** There are no contexts to delete. */
export function deleteRss(call: GenlCall): number {
  const { req, attrs } = call
  if (attrs[R.context] === 0) return missing(req, R.context)
  if (attrs[R.header] === 0) return req.refuse(errno.EINVAL, 'request header missing')
  const header = readHeader(call, true)
  return typeof header === 'number' ? header : -errno.EOPNOTSUPP
}
