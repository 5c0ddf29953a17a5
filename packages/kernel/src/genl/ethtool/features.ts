import { ETHTOOL, errno, FEATURES, type Writer } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { FEATURE_NAMES, featuresOf, NEVER_CHANGE, wantFeatures } from '../../net/features.ts'
import { type GenlCall, type Handlers, reply } from '../call.ts'
import { writeBitset } from './bitset.ts'
import { readBitset } from './bitset-read.ts'
import { omitsReply, readHeader, wantsCompact, writeHeader } from './header.ts'
import type { EthtoolNotifier } from './notify.ts'
import { query } from './query.ts'

const F = FEATURES.ids
const ALL = (1n << BigInt(FEATURE_NAMES.length)) - 1n

function writeFeatures(w: Writer, dev: Device, compact: boolean): void {
  const { hw, wanted, active } = featuresOf(dev)
  writeBitset(w, F.hw, hw, ALL, FEATURE_NAMES, compact)
  writeBitset(w, F.wanted, wanted, undefined, FEATURE_NAMES, compact)
  writeBitset(w, F.active, active, undefined, FEATURE_NAMES, compact)
  writeBitset(w, F.nochange, NEVER_CHANGE, undefined, FEATURE_NAMES, compact)
}

export const getFeatures: Handlers = query((dev, flags) => (w) => writeFeatures(w, dev, wantsCompact(flags)))

/** Switches offloads. The reply tells what was wanted in vain and what has changed. */
export function setFeatures(call: GenlCall, notifier: EthtoolNotifier): number {
  const { req, attrs, kernel } = call
  if (attrs[F.wanted] === 0) return -errno.EINVAL
  if (attrs[F.header] === 0) return req.refuse(errno.EINVAL, 'request header missing')
  const header = readHeader(call, true)
  if (typeof header === 'number') return header
  const { dev, flags } = header
  if (!dev) return -errno.EINVAL
  const bits = readBitset(req, attrs[F.wanted], FEATURE_NAMES)
  if (typeof bits === 'number') return bits
  if ((bits.mask & NEVER_CHANGE) !== 0n) return req.refuse(errno.EINVAL, 'attempt to change non-ethtool features')
  const before = featuresOf(dev)
  const wanted = (before.wanted & ~bits.mask) | bits.value
  if (wanted !== before.wanted) wantFeatures(kernel, dev, wanted)
  const { active } = featuresOf(dev)
  if (!omitsReply(flags)) {
    const inVain = bits.mask & (wanted ^ active)
    const changed = before.active ^ active
    const compact = wantsCompact(flags)
    reply(call, (w) => {
      writeHeader(w, dev)
      writeBitset(w, F.wanted, wanted & inVain, inVain, FEATURE_NAMES, compact)
      writeBitset(w, F.active, active & changed, changed, FEATURE_NAMES, compact)
    })
  }
  if (active !== before.active) notifier.tell(dev, ETHTOOL.commands.featuresNtf, (w) => writeFeatures(w, dev, true))
  return 0
}
