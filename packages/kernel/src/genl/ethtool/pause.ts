import { ETHTOOL, ETHTOOL_FLAGS, errno, PAUSE, PAUSE_STATS, type Writer } from '@netkit/netlink'
import type { PauseCounters, PauseFrames } from '../../net/ethtool.ts'
import type { GenlCall, Handlers } from '../call.ts'
import { readDeviceHeader } from './header.ts'
import { checkSource } from './mac-merge.ts'
import type { EthtoolNotifier } from './notify.ts'
import { queryFor } from './query.ts'

const P = PAUSE.ids
const AGGREGATE = 0

function writePause(w: Writer, { autoneg, rx, tx }: PauseFrames): void {
  w.attrU8(P.autoneg, autoneg)
  w.attrU8(P.rx, rx)
  w.attrU8(P.tx, tx)
}

function writeStatistics(w: Writer, { tx, rx }: PauseCounters): void {
  w.attrU32(P.statsSrc, AGGREGATE)
  const nest = w.beginNest(P.stats)
  w.attrU64(PAUSE_STATS.ids.txFrames, BigInt(tx))
  w.attrU64(PAUSE_STATS.ids.rxFrames, BigInt(rx))
  w.end(nest)
}

/** A source of counters says nothing without them. */
function readSource(flags: number, { req, attrs }: GenlCall): number | undefined {
  if (attrs[P.statsSrc] === 0 || (flags & ETHTOOL_FLAGS.stats) !== 0) return undefined
  const text = 'ethtool_nl: ETHTOOL_FLAG_STATS must be set when requesting a source of stats'
  return req.refuse(errno.EINVAL, text)
}

/** Pause frames: whether they are sent, and obeyed. */
export const getPause: Handlers = queryFor(readSource, (dev, flags, { req, attrs }) => {
  const hooks = dev.driver.ethtool?.pause
  if (!hooks) return -errno.EOPNOTSUPP
  const error = checkSource(req, attrs[P.statsSrc])
  if (error !== 0) return error
  const settings = hooks.get(dev)
  return (w) => {
    writePause(w, settings)
    if ((flags & ETHTOOL_FLAGS.stats) !== 0) writeStatistics(w, hooks.counters(dev))
  }
})

export function setPause(call: GenlCall, notifier: EthtoolNotifier): number {
  const { req, attrs, kernel } = call
  const header = readDeviceHeader(call)
  if (typeof header === 'number') return header
  const { dev } = header
  const hooks = dev.driver.ethtool?.pause
  if (!hooks) return -errno.EOPNOTSUPP
  const before = hooks.get(dev)
  const wanted = { ...before }
  for (const key of ['autoneg', 'rx', 'tx'] as const)
    if (attrs[P[key]] !== 0) wanted[key] = Number(req.u8(attrs[P[key]]) !== 0)
  if (wanted.autoneg === before.autoneg && wanted.rx === before.rx && wanted.tx === before.tx) return 0
  const error = hooks.set(dev, wanted)
  if (error !== 0) return error
  kernel.changes++
  notifier.tell(dev, ETHTOOL.commands.pauseNtf, (w) => writePause(w, wanted))
  return 0
}
