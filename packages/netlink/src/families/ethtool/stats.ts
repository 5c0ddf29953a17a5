import { u32, u64 } from '../../attr/integers.ts'
import { nest } from '../../attr/nest.ts'
import { attrTable } from '../../attr/table.ts'
import { binary, enumOf } from '../../attr/values.ts'
import { bitset } from './bitset.ts'
import { headerRow } from './header.ts'

const STATS_SRC = { aggregate: 0, emac: 1, pmac: 2 } as const

/** Packets by their length in bytes. Source: uapi ETHTOOL_A_STATS_GRP_HIST_*. */
const HISTOGRAM = attrTable('stats-grp-hist', {
  low: { id: 7, c: 'ETHTOOL_A_STATS_GRP_HIST_BKT_LOW', codec: u32 },
  high: { id: 8, c: 'ETHTOOL_A_STATS_GRP_HIST_BKT_HI', codec: u32 },
  value: { id: 9, c: 'ETHTOOL_A_STATS_GRP_HIST_VAL', codec: u64 },
})

/** A group of counters, whose names are a string set. Source: uapi ETHTOOL_A_STATS_GRP_*. */
export const STATS_GROUP = attrTable('stats-grp', {
  id: { id: 2, c: 'ETHTOOL_A_STATS_GRP_ID', codec: u32 },
  ssId: { id: 3, c: 'ETHTOOL_A_STATS_GRP_SS_ID', codec: u32 },
  stat: { id: 4, c: 'ETHTOOL_A_STATS_GRP_STAT', codec: binary(), multi: true },
  histRx: { id: 5, c: 'ETHTOOL_A_STATS_GRP_HIST_RX', codec: nest(HISTOGRAM), multi: true },
  histTx: { id: 6, c: 'ETHTOOL_A_STATS_GRP_HIST_TX', codec: nest(HISTOGRAM), multi: true },
})

/** Counters with standard names. Source: uapi ETHTOOL_A_STATS_*. */
export const STATS = attrTable('stats', {
  header: { ...headerRow('ETHTOOL_A_STATS_HEADER'), id: 2 },
  groups: { id: 3, c: 'ETHTOOL_A_STATS_GROUPS', codec: bitset },
  grp: { id: 4, c: 'ETHTOOL_A_STATS_GRP', codec: nest(STATS_GROUP), multi: true, access: 'read' },
  src: { id: 5, c: 'ETHTOOL_A_STATS_SRC', codec: enumOf(u32, STATS_SRC), policy: { type: 'u32', max: 2n } },
})
