import { CHANNELS, ETHTOOL, errno, type Writer } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { ChannelCounts, Channels } from '../../net/ethtool.ts'
import { highestProvided, whyBusy } from '../../net/lease.ts'
import type { Request } from '../../net/request.ts'
import { poolAt } from '../../net/xsk-slot.ts'
import type { GenlCall, Handlers } from '../call.ts'
import { readDeviceHeader } from './header.ts'
import type { EthtoolNotifier } from './notify.ts'
import { query } from './query.ts'

const C = CHANNELS.ids

/** The kinds of channels, in the order in which they are checked and reported. */
const KINDS: readonly { readonly key: keyof ChannelCounts; readonly max: number; readonly count: number }[] = [
  { key: 'rx', max: C.rxMax, count: C.rxCount },
  { key: 'tx', max: C.txMax, count: C.txCount },
  { key: 'other', max: C.otherMax, count: C.otherCount },
  { key: 'combined', max: C.combinedMax, count: C.combinedCount },
]

function writeChannels(w: Writer, { max, count }: Channels): void {
  for (const kind of KINDS) {
    if (max[kind.key] === 0) continue
    w.attrU32(kind.max, max[kind.key])
    w.attrU32(kind.count, count[kind.key])
  }
}

export const getChannels: Handlers = query((dev) => {
  const hooks = dev.driver.ethtool?.channels
  if (!hooks) return -errno.EOPNOTSUPP
  const channels = hooks.get(dev)
  return (w) => writeChannels(w, channels)
})

/** Changes the number of channels. Source: spec 01 §4.11, in its order. */
export function setChannels(call: GenlCall, notifier: EthtoolNotifier): number {
  const { req, attrs, kernel } = call
  const header = readDeviceHeader(call)
  if (typeof header === 'number') return header
  const { dev } = header
  const hooks = dev.driver.ethtool?.channels
  if (!hooks?.set) return -errno.EOPNOTSUPP
  const before = hooks.get(dev)
  const wanted = { ...before.count }
  for (const { key, count } of KINDS) if (attrs[count] !== 0) wanted[key] = req.u32(attrs[count])
  if (KINDS.every(({ key }) => wanted[key] === before.count[key])) return 0
  const error = check(req, attrs, dev, before, wanted) || hooks.set(kernel, dev, wanted, req)
  if (error !== 0) return error
  kernel.changes++
  notifier.tell(dev, ETHTOOL.commands.channelsNtf, (w) => writeChannels(w, hooks.get(dev)))
  return 0
}

function check(req: Request, attrs: Int32Array, dev: Device, before: Channels, wanted: ChannelCounts): number {
  for (const { key, count } of KINDS) {
    if (wanted[key] > before.max[key])
      return req.refuse(errno.EINVAL, 'requested channel count exceeds maximum', attrs[count])
  }
  const rx = wanted.combined + wanted.rx
  const tx = wanted.combined + wanted.tx
  if (rx === 0 || tx === 0) {
    const changed = wanted.combined !== before.count.combined
    const attr = attrs[changed ? C.combinedCount : rx === 0 ? C.rxCount : C.txCount]
    const text = 'requested channel counts would result in no RX or TX channel being configured'
    return req.refuse(errno.EINVAL, text, attr === 0 ? undefined : attr)
  }
  return checkUses(req, dev, rx) || checkQueues(req, dev, before, rx, tx)
}

/** Settings that lead packets to queues which would be gone. */
function checkUses(req: Request, dev: Device, rx: number): number {
  const { ethtool } = dev.driver
  const rss = ethtool?.rss?.get(dev)
  if (rss?.indirConfigured) {
    const highest = rss.indir.reduce((max, queue) => Math.max(max, queue), 0)
    if (rx <= highest) {
      const text = `requested channel counts are too low for existing indirection table (${highest})`
      return req.refuseFormatted(errno.EINVAL, text)
    }
  }
  if (rx <= (ethtool?.maxSteeredQueue?.(dev) ?? -1)) {
    return req.refuse(errno.EINVAL, 'requested channel counts are too low for existing ntuple filter settings')
  }
  const provided = highestProvided(dev)
  if (provided > 0 && rx <= provided) {
    const text = `requested channel counts are too low for existing memory provider setting (${provided})`
    return req.refuseFormatted(errno.EINVAL, text)
  }
  return 0
}

/** Queues that would be gone and are in use. */
function checkQueues(req: Request, dev: Device, before: Channels, rx: number, tx: number): number {
  for (let index = rx; index < before.count.combined + before.count.rx; index++) {
    const busy = whyBusy(dev.boundRxQueue(index))
    if (busy !== undefined) return req.refuse(errno.EINVAL, busy)
  }
  for (let index = tx; index < before.count.combined + before.count.tx; index++) {
    if (poolAt(dev, index)) return req.refuse(errno.EINVAL, 'Device queue in use by AF_XDP')
  }
  return 0
}
