import { u32, uint } from '../../attr/integers.ts'
import { type AttrsOf, attrTable } from '../../attr/table.ts'
import { bitsOf, enumOf, ranged } from '../../attr/values.ts'
import { QUEUE_TYPE } from './queue.ts'

export const QSTATS_SCOPE = { queue: 1 } as const

/**
 * Counters of a device or of one of its queues. What a device does not count is absent.
 * Source: spec 01 §4.7; uapi NETDEV_A_QSTATS_*.
 */
export const NETDEV_QSTATS = attrTable('qstats', {
  ifindex: { id: 1, c: 'NETDEV_A_QSTATS_IFINDEX', codec: ranged(u32, { min: 1 }) },
  queueType: { id: 2, c: 'NETDEV_A_QSTATS_QUEUE_TYPE', codec: enumOf(u32, QUEUE_TYPE), access: 'read' },
  queueId: { id: 3, c: 'NETDEV_A_QSTATS_QUEUE_ID', codec: u32, access: 'read' },
  scope: {
    id: 4,
    c: 'NETDEV_A_QSTATS_SCOPE',
    codec: bitsOf(uint, QSTATS_SCOPE),
    policy: { type: 'uint', mask: 1n },
    doc: 'One record a queue. Default: one a device.',
  },
  rxPackets: { id: 8, c: 'NETDEV_A_QSTATS_RX_PACKETS', codec: uint, access: 'read' },
  rxBytes: { id: 9, c: 'NETDEV_A_QSTATS_RX_BYTES', codec: uint, access: 'read' },
  txPackets: { id: 10, c: 'NETDEV_A_QSTATS_TX_PACKETS', codec: uint, access: 'read' },
  txBytes: { id: 11, c: 'NETDEV_A_QSTATS_TX_BYTES', codec: uint, access: 'read' },
  rxAllocFail: { id: 12, c: 'NETDEV_A_QSTATS_RX_ALLOC_FAIL', codec: uint, access: 'read' },
  rxHwDrops: { id: 13, c: 'NETDEV_A_QSTATS_RX_HW_DROPS', codec: uint, access: 'read' },
  rxHwDropOverruns: { id: 14, c: 'NETDEV_A_QSTATS_RX_HW_DROP_OVERRUNS', codec: uint, access: 'read' },
  rxCsumComplete: { id: 15, c: 'NETDEV_A_QSTATS_RX_CSUM_COMPLETE', codec: uint, access: 'read' },
  rxCsumUnnecessary: { id: 16, c: 'NETDEV_A_QSTATS_RX_CSUM_UNNECESSARY', codec: uint, access: 'read' },
  rxCsumNone: { id: 17, c: 'NETDEV_A_QSTATS_RX_CSUM_NONE', codec: uint, access: 'read' },
  rxCsumBad: { id: 18, c: 'NETDEV_A_QSTATS_RX_CSUM_BAD', codec: uint, access: 'read' },
  rxHwGroPackets: { id: 19, c: 'NETDEV_A_QSTATS_RX_HW_GRO_PACKETS', codec: uint, access: 'read' },
  rxHwGroBytes: { id: 20, c: 'NETDEV_A_QSTATS_RX_HW_GRO_BYTES', codec: uint, access: 'read' },
  rxHwGroWirePackets: { id: 21, c: 'NETDEV_A_QSTATS_RX_HW_GRO_WIRE_PACKETS', codec: uint, access: 'read' },
  rxHwGroWireBytes: { id: 22, c: 'NETDEV_A_QSTATS_RX_HW_GRO_WIRE_BYTES', codec: uint, access: 'read' },
  rxHwDropRatelimits: { id: 23, c: 'NETDEV_A_QSTATS_RX_HW_DROP_RATELIMITS', codec: uint, access: 'read' },
  txHwDrops: { id: 24, c: 'NETDEV_A_QSTATS_TX_HW_DROPS', codec: uint, access: 'read' },
  txHwDropErrors: { id: 25, c: 'NETDEV_A_QSTATS_TX_HW_DROP_ERRORS', codec: uint, access: 'read' },
  txCsumNone: { id: 26, c: 'NETDEV_A_QSTATS_TX_CSUM_NONE', codec: uint, access: 'read' },
  txNeedsCsum: { id: 27, c: 'NETDEV_A_QSTATS_TX_NEEDS_CSUM', codec: uint, access: 'read' },
  txHwGsoPackets: { id: 28, c: 'NETDEV_A_QSTATS_TX_HW_GSO_PACKETS', codec: uint, access: 'read' },
  txHwGsoBytes: { id: 29, c: 'NETDEV_A_QSTATS_TX_HW_GSO_BYTES', codec: uint, access: 'read' },
  txHwGsoWirePackets: { id: 30, c: 'NETDEV_A_QSTATS_TX_HW_GSO_WIRE_PACKETS', codec: uint, access: 'read' },
  txHwGsoWireBytes: { id: 31, c: 'NETDEV_A_QSTATS_TX_HW_GSO_WIRE_BYTES', codec: uint, access: 'read' },
  txHwDropRatelimits: { id: 32, c: 'NETDEV_A_QSTATS_TX_HW_DROP_RATELIMITS', codec: uint, access: 'read' },
  txStop: { id: 33, c: 'NETDEV_A_QSTATS_TX_STOP', codec: uint, access: 'read' },
  txWake: { id: 34, c: 'NETDEV_A_QSTATS_TX_WAKE', codec: uint, access: 'read' },
})
export type NetdevQstats = AttrsOf<typeof NETDEV_QSTATS>
