import { u32 } from '../../attr/integers.ts'
import { nest } from '../../attr/nest.ts'
import { attrTable } from '../../attr/table.ts'
import { binary, ranged } from '../../attr/values.ts'
import { bitset } from './bitset.ts'
import { headerRow } from './header.ts'

/** Which clock stamps packets. Source: uapi ETHTOOL_A_TS_HWTSTAMP_PROVIDER_*. */
const provider = () =>
  attrTable('ts-hwtstamp-provider', {
    index: { id: 1, c: 'ETHTOOL_A_TS_HWTSTAMP_PROVIDER_INDEX', codec: u32 },
    qualifier: { id: 2, c: 'ETHTOOL_A_TS_HWTSTAMP_PROVIDER_QUALIFIER', codec: ranged(u32, { max: 1 }) },
  })

/** What can be stamped. Source: uapi ETHTOOL_A_TSINFO_*. */
export const TSINFO = attrTable('tsinfo', {
  header: headerRow('ETHTOOL_A_TSINFO_HEADER'),
  timestamping: { id: 2, c: 'ETHTOOL_A_TSINFO_TIMESTAMPING', codec: bitset, access: 'read' },
  txTypes: { id: 3, c: 'ETHTOOL_A_TSINFO_TX_TYPES', codec: bitset, access: 'read' },
  rxFilters: { id: 4, c: 'ETHTOOL_A_TSINFO_RX_FILTERS', codec: bitset, access: 'read' },
  phcIndex: { id: 5, c: 'ETHTOOL_A_TSINFO_PHC_INDEX', codec: u32, access: 'read' },
  stats: { id: 6, c: 'ETHTOOL_A_TSINFO_STATS', codec: binary(), access: 'read' },
  hwtstampProvider: { id: 7, c: 'ETHTOOL_A_TSINFO_HWTSTAMP_PROVIDER', since: '6.14', codec: nest(provider()) },
  hwtstampSource: { id: 8, c: 'ETHTOOL_A_TSINFO_HWTSTAMP_SOURCE', since: '6.16', codec: u32, access: 'read' },
  hwtstampPhyindex: { id: 9, c: 'ETHTOOL_A_TSINFO_HWTSTAMP_PHYINDEX', since: '6.16', codec: u32, access: 'read' },
})

/** What is stamped. Source: uapi ETHTOOL_A_TSCONFIG_*. */
export const TSCONFIG = attrTable('tsconfig', {
  header: headerRow('ETHTOOL_A_TSCONFIG_HEADER'),
  hwtstampProvider: { id: 2, c: 'ETHTOOL_A_TSCONFIG_HWTSTAMP_PROVIDER', codec: nest(provider()) },
  txTypes: { id: 3, c: 'ETHTOOL_A_TSCONFIG_TX_TYPES', codec: bitset },
  rxFilters: { id: 4, c: 'ETHTOOL_A_TSCONFIG_RX_FILTERS', codec: bitset },
  hwtstampFlags: { id: 5, c: 'ETHTOOL_A_TSCONFIG_HWTSTAMP_FLAGS', codec: bitset },
})

/** Virtual clocks over a hardware clock. Source: uapi ETHTOOL_A_PHC_VCLOCKS_*. */
export const PHC_VCLOCKS = attrTable('phc-vclocks', {
  header: headerRow('ETHTOOL_A_PHC_VCLOCKS_HEADER'),
  num: { id: 2, c: 'ETHTOOL_A_PHC_VCLOCKS_NUM', codec: u32, access: 'read' },
  index: { id: 3, c: 'ETHTOOL_A_PHC_VCLOCKS_INDEX', codec: binary(), access: 'read' },
})
