import { u32 } from '../../attr/integers.ts'
import { nest } from '../../attr/nest.ts'
import { type AttrsOf, attrTable } from '../../attr/table.ts'
import { enumOf, flag, string } from '../../attr/values.ts'
import { headerRow } from './header.ts'

/** Numbers of the sets of names. Source: uapi enum ethtool_stringset. */
export const STRING_SETS = {
  test: 0,
  stats: 1,
  'priv-flags': 2,
  'ntuple-filters': 3,
  features: 4,
  'rss-hash-funcs': 5,
  tunables: 6,
  'phy-stats': 7,
  'phy-tunables': 8,
  'link-modes': 9,
  'msg-classes': 10,
  'wol-modes': 11,
  'sof-timestamping': 12,
  'ts-tx-types': 13,
  'ts-rx-filters': 14,
  'udp-tunnel-types': 15,
  'stats-std': 16,
  'stats-eth-phy': 17,
  'stats-eth-mac': 18,
  'stats-eth-ctrl': 19,
  'stats-rmon': 20,
  'stats-phy': 21,
  'ts-flags': 22,
} as const

/** Source: uapi ETHTOOL_A_STRING_*. */
export const STRSET_STRING = attrTable('string', {
  index: { id: 1, c: 'ETHTOOL_A_STRING_INDEX', codec: u32 },
  value: { id: 2, c: 'ETHTOOL_A_STRING_VALUE', codec: string() },
})

export const STRSET_STRINGS = attrTable('strings', {
  string: { id: 1, c: 'ETHTOOL_A_STRINGS_STRING', codec: nest(STRSET_STRING), multi: true },
})

/** Source: uapi ETHTOOL_A_STRINGSET_*. */
export const STRINGSET = attrTable('stringset', {
  id: { id: 1, c: 'ETHTOOL_A_STRINGSET_ID', codec: enumOf(u32, STRING_SETS) },
  count: { id: 2, c: 'ETHTOOL_A_STRINGSET_COUNT', codec: u32, access: 'read' },
  strings: { id: 3, c: 'ETHTOOL_A_STRINGSET_STRINGS', codec: nest(STRSET_STRINGS), access: 'read' },
})

export const STRINGSETS = attrTable('stringsets', {
  stringset: { id: 1, c: 'ETHTOOL_A_STRINGSETS_STRINGSET', codec: nest(STRINGSET), multi: true },
})

/** Names that the kernel has for numbers. Without a device: those that all devices share. Source: uapi ETHTOOL_A_STRSET_*. */
export const STRSET = attrTable('strset', {
  header: headerRow('ETHTOOL_A_STRSET_HEADER'),
  stringsets: { id: 2, c: 'ETHTOOL_A_STRSET_STRINGSETS', codec: nest(STRINGSETS, false) },
  countsOnly: { id: 3, c: 'ETHTOOL_A_STRSET_COUNTS_ONLY', codec: flag },
})
export type EthtoolStrset = AttrsOf<typeof STRSET>
