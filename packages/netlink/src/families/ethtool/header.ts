import { u32 } from '../../attr/integers.ts'
import { nest } from '../../attr/nest.ts'
import type { Policy } from '../../attr/policy.ts'
import { type AttrsOf, attrTable, policyOf } from '../../attr/table.ts'
import { bitsOf, ranged, string } from '../../attr/values.ts'

export const ETHTOOL_FLAGS = { 'compact-bitsets': 1, 'omit-reply': 2, stats: 4 } as const

/** Which device a request is about, by index, by name or by both. Source: spec 01 §4.11; uapi ETHTOOL_A_HEADER_*. */
export const ETHTOOL_HEADER = attrTable('header', {
  devIndex: { id: 1, c: 'ETHTOOL_A_HEADER_DEV_INDEX', codec: u32 },
  devName: { id: 2, c: 'ETHTOOL_A_HEADER_DEV_NAME', codec: string(127, 'nul-string') },
  flags: {
    id: 3,
    c: 'ETHTOOL_A_HEADER_FLAGS',
    codec: bitsOf(u32, ETHTOOL_FLAGS),
    doc: 'compact-bitsets: bit sets as bytes, not as lists of names. omit-reply: no reply to a change. stats: counters too.',
  },
  phyIndex: { id: 4, c: 'ETHTOOL_A_HEADER_PHY_INDEX', codec: ranged(u32, { min: 1 }) },
})
export type EthtoolHeader = AttrsOf<typeof ETHTOOL_HEADER>

const plain = policyOf(ETHTOOL_HEADER, { devIndex: true, devName: true, flags: { type: 'u32', mask: 3n } })
const stats = policyOf(ETHTOOL_HEADER, { devIndex: true, devName: true, flags: { type: 'u32', mask: 7n } })
const phy = policyOf(ETHTOOL_HEADER, {
  devIndex: true,
  devName: true,
  flags: { type: 'u32', mask: 3n },
  phyIndex: true,
})

/** What requests may have in their header: nothing particular, the statistics flag, or a PHY. */
export const PLAIN_HEADER: Policy = { type: 'nest', inner: () => plain }
export const STATS_HEADER: Policy = { type: 'nest', inner: () => stats }
export const PHY_HEADER: Policy = { type: 'nest', inner: () => phy }

/** The header as the first row of every table of this family. */
export const headerRow = (c: string) => ({ id: 1, c, codec: nest(ETHTOOL_HEADER), policy: PLAIN_HEADER })
