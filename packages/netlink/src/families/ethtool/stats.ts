import { u32 } from '../../attr/integers.ts'
import { attrTable } from '../../attr/table.ts'
import { binary, enumOf } from '../../attr/values.ts'
import { bitset } from './bitset.ts'
import { headerRow } from './header.ts'

const STATS_SRC = { aggregate: 0, emac: 1, pmac: 2 } as const

/** Counters with standard names. Source: uapi ETHTOOL_A_STATS_*. */
export const STATS = attrTable('stats', {
  header: { ...headerRow('ETHTOOL_A_STATS_HEADER'), id: 2 },
  groups: { id: 3, c: 'ETHTOOL_A_STATS_GROUPS', codec: bitset },
  grp: { id: 4, c: 'ETHTOOL_A_STATS_GRP', codec: binary(), multi: true, access: 'read' },
  src: { id: 5, c: 'ETHTOOL_A_STATS_SRC', codec: enumOf(u32, STATS_SRC), policy: { type: 'u32', max: 2n } },
})
