import { ETHTOOL, ETHTOOL_FLAGS, errno, FEC, FEC_HISTOGRAM, FEC_STATS, STRING_SETS, type Writer } from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import type { FecCounters, FecState } from '../../net/ethtool.ts'
import type { GenlCall, Handlers } from '../call.ts'
import { writeBitset } from './bitset.ts'
import { readBitset } from './bitset-read.ts'
import { readDeviceHeader, wantsCompact } from './header.ts'
import type { EthtoolNotifier } from './notify.ts'
import { query } from './query.ts'
import { sharedStrings } from './strings.ts'

const F = FEC.ids
/** The link modes that stand for encodings: None, RS, BASER, LLRS; the least strong first. */
const ENCODINGS = [49, 50, 51, 74]
const ALL = ENCODINGS.reduce((bits, mode) => bits | (1n << BigInt(mode)), 0n)

/** The encoding in use: the last of those that are configured; none where nothing is, and no encoding where the device may choose. */
function active({ modes, auto }: FecState): number | undefined {
  const found = ENCODINGS.filter((mode) => (modes & (1n << BigInt(mode))) !== 0n).at(-1)
  return found ?? (auto ? ENCODINGS[0] : undefined)
}

const modeNames = ({ release }: Core): readonly string[] =>
  sharedStrings[release.name].get(STRING_SETS['link-modes']) ?? []

function writeFec(w: Writer, state: FecState, names: readonly string[], compact: boolean): void {
  writeBitset(w, F.modes, state.modes, undefined, names, compact)
  w.attrU8(F.auto, state.auto ? 1 : 0)
  const mode = active(state)
  if (mode !== undefined) w.attrU32(F.active, mode)
}

function writeCounters(w: Writer, { corrected, uncorrectable, histogram }: FecCounters): void {
  const S = FEC_STATS.ids
  const H = FEC_HISTOGRAM.ids
  const nest = w.beginNest(F.stats)
  w.attrU64(S.corrected, BigInt(corrected))
  w.attrU64(S.uncorrectable, BigInt(uncorrectable))
  w.end(w.begin(S.correctedBits))
  for (const { low, high, count, lanes } of histogram) {
    const bin = w.beginNest(S.histogram)
    w.attrU32(H.low, low)
    w.attrU32(H.high, high)
    w.attrUint(H.count, count)
    if (lanes) {
      const attr = w.begin(H.lanes)
      for (const n of lanes) w.u64(BigInt(n))
      w.end(attr)
    }
    w.end(bin)
  }
  w.end(nest)
}

/** Forward error correction. */
export const getFec: Handlers = query((dev, flags, { kernel }) => {
  const hooks = dev.driver.ethtool?.fec
  if (!hooks) return -errno.EOPNOTSUPP
  const state = hooks.get(dev)
  return (w) => {
    writeFec(w, state, modeNames(kernel), wantsCompact(flags))
    if ((flags & ETHTOOL_FLAGS.stats) !== 0) writeCounters(w, hooks.counters(dev))
  }
})

export function setFec(call: GenlCall, notifier: EthtoolNotifier): number {
  const { req, attrs, kernel } = call
  const header = readDeviceHeader(call)
  if (typeof header === 'number') return header
  const { dev } = header
  const hooks = dev.driver.ethtool?.fec
  if (!hooks) return -errno.EOPNOTSUPP
  const before = hooks.get(dev)
  const wanted = { ...before }
  if (attrs[F.modes] !== 0) {
    const bits = readBitset(req, attrs[F.modes], modeNames(kernel))
    if (typeof bits === 'number') return bits
    wanted.modes = (before.modes & ~bits.mask) | bits.value
  }
  if (attrs[F.auto] !== 0) wanted.auto = req.u8(attrs[F.auto]) !== 0
  if (wanted.modes === before.modes && wanted.auto === before.auto) return 0
  if ((wanted.modes & ~ALL) !== 0n) return req.refuse(errno.EINVAL, 'invalid FEC modes requested', attrs[F.modes])
  if (wanted.modes === 0n && !wanted.auto)
    return req.refuse(errno.EINVAL, 'no FEC modes set', attrs[F.modes] || undefined)
  hooks.set(dev, wanted)
  kernel.changes++
  notifier.tell(dev, ETHTOOL.commands.fecNtf, (w) => writeFec(w, wanted, modeNames(kernel), true))
  return 0
}
