import { u8, u32 } from '../../attr/integers.ts'
import { nest } from '../../attr/nest.ts'
import { attrTable } from '../../attr/table.ts'
import { ranged } from '../../attr/values.ts'
import { headerRow } from './header.ts'

const onOff = ranged(u8, { max: 1 })

/** Source: uapi ETHTOOL_A_IRQ_MODERATION_*. */
const IRQ_MODERATION = attrTable('irq-moderation', {
  usec: { id: 1, c: 'ETHTOOL_A_IRQ_MODERATION_USEC', codec: u32 },
  pkts: { id: 2, c: 'ETHTOOL_A_IRQ_MODERATION_PKTS', codec: u32 },
  comps: { id: 3, c: 'ETHTOOL_A_IRQ_MODERATION_COMPS', codec: u32 },
})

/** Source: uapi ETHTOOL_A_PROFILE_*. */
const COALESCE_PROFILE = attrTable('profile', {
  irqModeration: { id: 1, c: 'ETHTOOL_A_PROFILE_IRQ_MODERATION', codec: nest(IRQ_MODERATION), multi: true },
})

/** How long interrupts wait for more packets. Source: uapi ETHTOOL_A_COALESCE_*. */
export const COALESCE = attrTable('coalesce', {
  header: headerRow('ETHTOOL_A_COALESCE_HEADER'),
  rxUsecs: { id: 2, c: 'ETHTOOL_A_COALESCE_RX_USECS', codec: u32 },
  rxMaxFrames: { id: 3, c: 'ETHTOOL_A_COALESCE_RX_MAX_FRAMES', codec: u32 },
  rxUsecsIrq: { id: 4, c: 'ETHTOOL_A_COALESCE_RX_USECS_IRQ', codec: u32 },
  rxMaxFramesIrq: { id: 5, c: 'ETHTOOL_A_COALESCE_RX_MAX_FRAMES_IRQ', codec: u32 },
  txUsecs: { id: 6, c: 'ETHTOOL_A_COALESCE_TX_USECS', codec: u32 },
  txMaxFrames: { id: 7, c: 'ETHTOOL_A_COALESCE_TX_MAX_FRAMES', codec: u32 },
  txUsecsIrq: { id: 8, c: 'ETHTOOL_A_COALESCE_TX_USECS_IRQ', codec: u32 },
  txMaxFramesIrq: { id: 9, c: 'ETHTOOL_A_COALESCE_TX_MAX_FRAMES_IRQ', codec: u32 },
  statsBlockUsecs: { id: 10, c: 'ETHTOOL_A_COALESCE_STATS_BLOCK_USECS', codec: u32 },
  useAdaptiveRx: { id: 11, c: 'ETHTOOL_A_COALESCE_USE_ADAPTIVE_RX', codec: u8 },
  useAdaptiveTx: { id: 12, c: 'ETHTOOL_A_COALESCE_USE_ADAPTIVE_TX', codec: u8 },
  pktRateLow: { id: 13, c: 'ETHTOOL_A_COALESCE_PKT_RATE_LOW', codec: u32 },
  rxUsecsLow: { id: 14, c: 'ETHTOOL_A_COALESCE_RX_USECS_LOW', codec: u32 },
  rxMaxFramesLow: { id: 15, c: 'ETHTOOL_A_COALESCE_RX_MAX_FRAMES_LOW', codec: u32 },
  txUsecsLow: { id: 16, c: 'ETHTOOL_A_COALESCE_TX_USECS_LOW', codec: u32 },
  txMaxFramesLow: { id: 17, c: 'ETHTOOL_A_COALESCE_TX_MAX_FRAMES_LOW', codec: u32 },
  pktRateHigh: { id: 18, c: 'ETHTOOL_A_COALESCE_PKT_RATE_HIGH', codec: u32 },
  rxUsecsHigh: { id: 19, c: 'ETHTOOL_A_COALESCE_RX_USECS_HIGH', codec: u32 },
  rxMaxFramesHigh: { id: 20, c: 'ETHTOOL_A_COALESCE_RX_MAX_FRAMES_HIGH', codec: u32 },
  txUsecsHigh: { id: 21, c: 'ETHTOOL_A_COALESCE_TX_USECS_HIGH', codec: u32 },
  txMaxFramesHigh: { id: 22, c: 'ETHTOOL_A_COALESCE_TX_MAX_FRAMES_HIGH', codec: u32 },
  rateSampleInterval: { id: 23, c: 'ETHTOOL_A_COALESCE_RATE_SAMPLE_INTERVAL', codec: u32 },
  useCqeModeTx: { id: 24, c: 'ETHTOOL_A_COALESCE_USE_CQE_MODE_TX', codec: onOff },
  useCqeModeRx: { id: 25, c: 'ETHTOOL_A_COALESCE_USE_CQE_MODE_RX', codec: onOff },
  txAggrMaxBytes: { id: 26, c: 'ETHTOOL_A_COALESCE_TX_AGGR_MAX_BYTES', codec: u32 },
  txAggrMaxFrames: { id: 27, c: 'ETHTOOL_A_COALESCE_TX_AGGR_MAX_FRAMES', codec: u32 },
  txAggrTimeUsecs: { id: 28, c: 'ETHTOOL_A_COALESCE_TX_AGGR_TIME_USECS', codec: u32 },
  rxProfile: { id: 29, c: 'ETHTOOL_A_COALESCE_RX_PROFILE', codec: nest(COALESCE_PROFILE) },
  txProfile: { id: 30, c: 'ETHTOOL_A_COALESCE_TX_PROFILE', codec: nest(COALESCE_PROFILE) },
  rxCqeFrames: { id: 31, c: 'ETHTOOL_A_COALESCE_RX_CQE_FRAMES', since: '7.1', codec: u32 },
  rxCqeNsecs: { id: 32, c: 'ETHTOOL_A_COALESCE_RX_CQE_NSECS', since: '7.1', codec: u32 },
})
