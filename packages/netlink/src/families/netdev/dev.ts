import { u32, u64 } from '../../attr/integers.ts'
import { type AttrsOf, attrTable } from '../../attr/table.ts'
import { bitsOf, ranged } from '../../attr/values.ts'

/** What a device can do with XDP programs and AF_XDP sockets. Source: uapi enum netdev_xdp_act. */
export const XDP_ACT = {
  basic: 0x01,
  redirect: 0x02,
  'ndo-xmit': 0x04,
  'xsk-zerocopy': 0x08,
  'hw-offload': 0x10,
  'rx-sg': 0x20,
  'ndo-xmit-sg': 0x40,
} as const

/** What it can tell a program about a received packet. Source: uapi enum netdev_xdp_rx_metadata. */
export const XDP_RX_METADATA = { timestamp: 1, hash: 2, 'vlan-tag': 4 } as const

/** What it can do for packets that an AF_XDP socket sends. Source: uapi enum netdev_xsk_flags. */
export const XSK_FLAGS = { 'tx-timestamp': 1, 'tx-checksum': 2, 'tx-launch-time-fifo': 4 } as const

/** Source: spec 01 §4.2; uapi NETDEV_A_DEV_*. */
export const NETDEV_DEV = attrTable('dev', {
  ifindex: { id: 1, c: 'NETDEV_A_DEV_IFINDEX', codec: ranged(u32, { min: 1 }) },
  xdpFeatures: { id: 3, c: 'NETDEV_A_DEV_XDP_FEATURES', codec: bitsOf(u64, XDP_ACT), access: 'read' },
  xdpZcMaxSegs: {
    id: 4,
    c: 'NETDEV_A_DEV_XDP_ZC_MAX_SEGS',
    codec: u32,
    access: 'read',
    doc: 'Most fragments of a packet in zero-copy AF_XDP. Only of devices that have it.',
  },
  xdpRxMetadataFeatures: {
    id: 5,
    c: 'NETDEV_A_DEV_XDP_RX_METADATA_FEATURES',
    codec: bitsOf(u64, XDP_RX_METADATA),
    access: 'read',
  },
  xskFeatures: { id: 6, c: 'NETDEV_A_DEV_XSK_FEATURES', codec: bitsOf(u64, XSK_FLAGS), access: 'read' },
})
export type NetdevDev = AttrsOf<typeof NETDEV_DEV>
