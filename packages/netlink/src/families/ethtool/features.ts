import { type AttrsOf, attrTable } from '../../attr/table.ts'
import { bitset } from './bitset.ts'
import { headerRow } from './header.ts'

/** Offloads. Each is a bit set over the names of string set `features`. Source: uapi ETHTOOL_A_FEATURES_*. */
export const FEATURES = attrTable('features', {
  header: headerRow('ETHTOOL_A_FEATURES_HEADER'),
  hw: { id: 2, c: 'ETHTOOL_A_FEATURES_HW', codec: bitset, access: 'read', doc: 'What can be switched.' },
  wanted: { id: 3, c: 'ETHTOOL_A_FEATURES_WANTED', codec: bitset, doc: 'What was asked for.' },
  active: { id: 4, c: 'ETHTOOL_A_FEATURES_ACTIVE', codec: bitset, access: 'read', doc: 'What is on.' },
  nochange: {
    id: 5,
    c: 'ETHTOOL_A_FEATURES_NOCHANGE',
    codec: bitset,
    access: 'read',
    doc: 'What can never be switched.',
  },
})
export type EthtoolFeatures = AttrsOf<typeof FEATURES>
