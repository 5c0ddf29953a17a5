import { u8, u32 } from '../../attr/integers.ts'
import { type AttrsOf, attrTable } from '../../attr/table.ts'
import { checked, enumOf, ranged } from '../../attr/values.ts'
import { headerRow } from './header.ts'

export const TCP_DATA_SPLIT = { unknown: 0, disabled: 1, enabled: 2 } as const

const onOff = ranged(u8, { max: 1 })

/** Descriptor rings and how packets are laid out in them. Source: spec 01 §4.11; uapi ETHTOOL_A_RINGS_*. */
export const RINGS = attrTable('rings', {
  header: headerRow('ETHTOOL_A_RINGS_HEADER'),
  rxMax: { id: 2, c: 'ETHTOOL_A_RINGS_RX_MAX', codec: u32, access: 'read' },
  rxMiniMax: { id: 3, c: 'ETHTOOL_A_RINGS_RX_MINI_MAX', codec: u32, access: 'read' },
  rxJumboMax: { id: 4, c: 'ETHTOOL_A_RINGS_RX_JUMBO_MAX', codec: u32, access: 'read' },
  txMax: { id: 5, c: 'ETHTOOL_A_RINGS_TX_MAX', codec: u32, access: 'read' },
  rx: { id: 6, c: 'ETHTOOL_A_RINGS_RX', codec: u32 },
  rxMini: { id: 7, c: 'ETHTOOL_A_RINGS_RX_MINI', codec: u32 },
  rxJumbo: { id: 8, c: 'ETHTOOL_A_RINGS_RX_JUMBO', codec: u32 },
  tx: { id: 9, c: 'ETHTOOL_A_RINGS_TX', codec: u32 },
  rxBufLen: { id: 10, c: 'ETHTOOL_A_RINGS_RX_BUF_LEN', codec: ranged(u32, { min: 1 }), doc: 'Bytes.' },
  tcpDataSplit: {
    id: 11,
    c: 'ETHTOOL_A_RINGS_TCP_DATA_SPLIT',
    codec: checked(enumOf(u8, TCP_DATA_SPLIT), { type: 'u8', max: 2n }),
    doc: 'Whether headers and payload land in buffers of their own, which zero-copy receive needs. unknown: as the device likes.',
  },
  cqeSize: { id: 12, c: 'ETHTOOL_A_RINGS_CQE_SIZE', codec: ranged(u32, { min: 1 }), doc: 'Bytes.' },
  txPush: { id: 13, c: 'ETHTOOL_A_RINGS_TX_PUSH', codec: onOff },
  rxPush: { id: 14, c: 'ETHTOOL_A_RINGS_RX_PUSH', codec: onOff },
  txPushBufLen: { id: 15, c: 'ETHTOOL_A_RINGS_TX_PUSH_BUF_LEN', codec: u32 },
  txPushBufLenMax: { id: 16, c: 'ETHTOOL_A_RINGS_TX_PUSH_BUF_LEN_MAX', codec: u32, access: 'read' },
  hdsThresh: {
    id: 17,
    c: 'ETHTOOL_A_RINGS_HDS_THRESH',
    since: '6.14',
    codec: u32,
    doc: 'Packets up to this many bytes are not split.',
  },
  hdsThreshMax: { id: 18, c: 'ETHTOOL_A_RINGS_HDS_THRESH_MAX', since: '6.14', codec: u32, access: 'read' },
})
export type EthtoolRings = AttrsOf<typeof RINGS>
