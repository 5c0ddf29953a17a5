import { errno, STATS, STATS_GROUP, STRING_SETS, type Writer } from '@netkit/netlink'
import type { GenlCall, Handlers } from '../call.ts'
import { readBitset } from './bitset-read.ts'
import { checkSource } from './mac-merge.ts'
import { queryFor } from './query.ts'
import { sharedStrings } from './strings.ts'

const S = STATS.ids
const G = STATS_GROUP.ids
const AGGREGATE = 0
/** The string set with the names of each group's counters, in the order of the groups' own names. */
const NAMES = (['stats-eth-phy', 'stats-eth-mac', 'stats-eth-ctrl', 'stats-rmon', 'stats-phy'] as const).map(
  (set) => STRING_SETS[set],
)

/** The numbers of the groups that a request asks for. */
function readGroups(_flags: number, { req, attrs, kernel }: GenlCall): number[] | number {
  const known = sharedStrings[kernel.release.name].get(STRING_SETS['stats-std']) ?? []
  const bits = attrs[S.groups] === 0 ? { value: 0n } : readBitset(req, attrs[S.groups], known)
  if (typeof bits === 'number') return bits
  const groups = known.map((_, group) => group).filter((group) => ((bits.value >> BigInt(group)) & 1n) !== 0n)
  return groups.length > 0 ? groups : req.refuse(errno.EINVAL, 'no stats requested')
}

function writeGroup(w: Writer, group: number): void {
  const nest = w.beginNest(S.grp)
  w.attrU32(G.id, group)
  w.attrU32(G.ssId, NAMES[group])
  w.end(nest)
}

/** Counters with standard names: groups are told, and no device here counts anything of them. */
export const getStats: Handlers = queryFor(readGroups, (_dev, _flags, { req, attrs }, groups) => {
  const error = checkSource(req, attrs[S.src])
  if (error !== 0) return error
  return (w) => {
    w.attrU32(S.src, AGGREGATE)
    for (const group of groups) writeGroup(w, group)
  }
})
