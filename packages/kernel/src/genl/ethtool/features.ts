import { ETHTOOL, errno, FEATURES, type Writer } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { atPositions, featureNames, featuresOf, fromPositions, NEVER_CHANGE, wantFeatures } from '../../net/features.ts'
import type { Release } from '../../release/release.ts'
import { type GenlCall, type Handlers, reply } from '../call.ts'
import { writeBitset } from './bitset.ts'
import { readBitset } from './bitset-read.ts'
import { omitsReply, readHeader, wantsCompact, writeHeader } from './header.ts'
import type { EthtoolNotifier } from './notify.ts'
import { query } from './query.ts'

const F = FEATURES.ids

function writeFeatures(w: Writer, dev: Device, release: Release, compact: boolean): void {
  const { hw, wanted, active } = featuresOf(dev, release)
  const names = featureNames[release.name]
  const all = (1n << BigInt(names.length)) - 1n
  const at = (set: bigint) => atPositions(set, release)
  writeBitset(w, F.hw, at(hw), all, names, compact)
  writeBitset(w, F.wanted, at(wanted), undefined, names, compact)
  writeBitset(w, F.active, at(active), undefined, names, compact)
  writeBitset(w, F.nochange, at(NEVER_CHANGE), undefined, names, compact)
}

export const getFeatures: Handlers = query(
  (dev, flags, call) => (w) => writeFeatures(w, dev, call.kernel.release, wantsCompact(flags)),
)

/** Switches offloads. The reply tells what was wanted in vain and what has changed. */
export function setFeatures(call: GenlCall): number {
  const { req, attrs, kernel } = call
  if (attrs[F.wanted] === 0) return -errno.EINVAL
  if (attrs[F.header] === 0) return req.refuse(errno.EINVAL, 'request header missing')
  const header = readHeader(call, true)
  if (typeof header === 'number') return header
  const { dev, flags } = header
  if (!dev) return -errno.EINVAL
  const { release } = kernel
  const names = featureNames[release.name]
  const asked = readBitset(req, attrs[F.wanted], names)
  if (typeof asked === 'number') return asked
  const bits = { mask: fromPositions(asked.mask, release), value: fromPositions(asked.value, release) }
  if ((bits.mask & NEVER_CHANGE) !== 0n) return req.refuse(errno.EINVAL, 'attempt to change non-ethtool features')
  const before = featuresOf(dev, release)
  const wanted = (before.wanted & ~bits.mask) | bits.value
  if (wanted !== before.wanted) wantFeatures(kernel, dev, wanted)
  const { active } = featuresOf(dev, release)
  if (!omitsReply(flags)) {
    const inVain = bits.mask & (wanted ^ active)
    const changed = before.active ^ active
    const compact = wantsCompact(flags)
    const at = (set: bigint) => atPositions(set, release)
    reply(call, (w) => {
      writeHeader(w, dev)
      writeBitset(w, F.wanted, at(wanted & inVain), at(inVain), names, compact)
      writeBitset(w, F.active, at(active & changed), at(changed), names, compact)
    })
  }
  return 0
}

/** Tells that the offloads of a device are others now, whoever has changed them. */
export const tellFeatures = (notifier: EthtoolNotifier, dev: Device, release: Release): void =>
  notifier.tell(dev, ETHTOOL.commands.featuresNtf, (w) => writeFeatures(w, dev, release, true))
