import { u32 } from '../../attr/integers.ts'
import { type AttrsOf, attrTable } from '../../attr/table.ts'
import { headerRow } from './header.ts'

/** Channels: interrupts with their queues. Source: spec 01 §4.11; uapi ETHTOOL_A_CHANNELS_*. */
export const CHANNELS = attrTable('channels', {
  header: headerRow('ETHTOOL_A_CHANNELS_HEADER'),
  rxMax: { id: 2, c: 'ETHTOOL_A_CHANNELS_RX_MAX', codec: u32, access: 'read' },
  txMax: { id: 3, c: 'ETHTOOL_A_CHANNELS_TX_MAX', codec: u32, access: 'read' },
  otherMax: { id: 4, c: 'ETHTOOL_A_CHANNELS_OTHER_MAX', codec: u32, access: 'read' },
  combinedMax: { id: 5, c: 'ETHTOOL_A_CHANNELS_COMBINED_MAX', codec: u32, access: 'read' },
  rxCount: { id: 6, c: 'ETHTOOL_A_CHANNELS_RX_COUNT', codec: u32 },
  txCount: { id: 7, c: 'ETHTOOL_A_CHANNELS_TX_COUNT', codec: u32 },
  otherCount: { id: 8, c: 'ETHTOOL_A_CHANNELS_OTHER_COUNT', codec: u32 },
  combinedCount: {
    id: 9,
    c: 'ETHTOOL_A_CHANNELS_COMBINED_COUNT',
    codec: u32,
    doc: 'Channels with one rx and one tx queue each.',
  },
})
export type EthtoolChannels = AttrsOf<typeof CHANNELS>
