import { ETHTOOL, errno, RINGS, TCP_DATA_SPLIT, type Writer } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { RingLimits, RingOption, Rings } from '../../net/ethtool.ts'
import { highestProvided } from '../../net/lease.ts'
import type { Request } from '../../net/request.ts'
import { runsSingleBuffer } from '../../net/xdp.ts'
import type { GenlCall, Handlers } from '../call.ts'
import { readDeviceHeader } from './header.ts'
import type { EthtoolNotifier } from './notify.ts'
import { query } from './query.ts'

const R = RINGS.ids

/** Rings with a size, in the order in which they are reported. */
const SIZES = [
  { key: 'rx', id: R.rx, max: R.rxMax },
  { key: 'rxMini', id: R.rxMini, max: R.rxMiniMax },
  { key: 'rxJumbo', id: R.rxJumbo, max: R.rxJumboMax },
  { key: 'tx', id: R.tx, max: R.txMax },
] as const

/** What a driver may lack, in the order in which it is looked for. */
const OPTIONS: readonly (readonly [option: RingOption, id: number, text: string])[] = [
  ['rxBufLen', R.rxBufLen, 'setting rx buf len not supported'],
  ['tcpDataSplit', R.tcpDataSplit, 'setting TCP data split is not supported'],
  ['hdsThresh', R.hdsThresh, 'setting hds-thresh is not supported'],
  ['cqeSize', R.cqeSize, 'setting cqe size not supported'],
  ['txPush', R.txPush, 'setting tx push not supported'],
  ['rxPush', R.rxPush, 'setting rx push not supported'],
  ['txPushBufLen', R.txPushBufLen, 'setting tx push buf len is not supported'],
]
const NO_OPTIONS: ReadonlySet<RingOption> = new Set()

function writeRings(w: Writer, rings: Rings, limits: RingLimits): void {
  for (const { key, id, max } of SIZES) {
    if (limits[key] === 0) continue
    w.attrU32(max, limits[key])
    w.attrU32(id, rings[key])
  }
  const split = rings.tcpDataSplit === TCP_DATA_SPLIT.unknown ? limits.tcpDataSplitDefault : rings.tcpDataSplit
  if (split !== TCP_DATA_SPLIT.unknown) w.attrU8(R.tcpDataSplit, split)
  w.attrU8(R.txPush, 0)
  w.attrU8(R.rxPush, 0)
  if (limits.hdsThresh !== 0) {
    w.attrU32(R.hdsThresh, rings.hdsThresh)
    w.attrU32(R.hdsThreshMax, limits.hdsThresh)
  }
}

export const getRings: Handlers = query((dev) => {
  const hooks = dev.driver.ethtool?.rings
  return hooks ? (w) => writeRings(w, hooks.get(dev), hooks.limits(dev)) : -errno.EOPNOTSUPP
})

/** Changes rings. A lease restricts nothing here, a memory provider does. Source: spec 01 §4.11, in its order. */
export function setRings(call: GenlCall, notifier: EthtoolNotifier): number {
  const { req, attrs, kernel } = call
  const header = readDeviceHeader(call)
  if (typeof header === 'number') return header
  const { dev } = header
  const hooks = dev.driver.ethtool?.rings
  const supported = hooks?.supported(dev) ?? NO_OPTIONS
  for (const [option, id, text] of OPTIONS) {
    if (attrs[id] !== 0 && !supported.has(option)) return req.refuse(errno.EOPNOTSUPP, text, attrs[id])
  }
  if (!hooks?.set) return -errno.EOPNOTSUPP
  const before = hooks.get(dev)
  const wanted = { ...before }
  for (const { key, id } of SIZES) if (attrs[id] !== 0) wanted[key] = req.u32(attrs[id])
  if (attrs[R.tcpDataSplit] !== 0) wanted.tcpDataSplit = req.u8(attrs[R.tcpDataSplit])
  if (attrs[R.hdsThresh] !== 0) wanted.hdsThresh = req.u32(attrs[R.hdsThresh])
  if (Object.entries(wanted).every(([key, value]) => before[key as keyof Rings] === value)) return 0
  const error = check(req, attrs, dev, wanted, hooks.limits(dev)) || hooks.set(kernel, dev, wanted)
  if (error !== 0) return error
  kernel.changes++
  notifier.tell(dev, ETHTOOL.commands.ringsNtf, (w) => writeRings(w, hooks.get(dev), hooks.limits(dev)))
  return 0
}

function check(req: Request, attrs: Int32Array, dev: Device, wanted: Rings, limits: RingLimits): number {
  if (highestProvided(dev) > 0) {
    if (wanted.tcpDataSplit !== TCP_DATA_SPLIT.enabled) {
      return req.refuse(errno.EINVAL, "can't disable tcp-data-split while device has memory provider enabled")
    }
    if (wanted.hdsThresh !== 0) {
      return req.refuse(errno.EINVAL, "can't set non-zero hds_thresh while device is memory provider enabled")
    }
  }
  if (wanted.tcpDataSplit === TCP_DATA_SPLIT.enabled && runsSingleBuffer(dev)) {
    const text = 'tcp-data-split can not be enabled with single buffer XDP'
    return req.refuse(errno.EINVAL, text, attrs[R.tcpDataSplit] || undefined)
  }
  for (const { key, id } of [...SIZES, { key: 'hdsThresh', id: R.hdsThresh } as const]) {
    if (wanted[key] > limits[key]) return req.refuse(errno.EINVAL, 'requested ring size exceeds maximum', attrs[id])
  }
  return 0
}
