import { s32, u32, uint } from '../../attr/integers.ts'
import { nest } from '../../attr/nest.ts'
import { type AttrsOf, attrTable } from '../../attr/table.ts'
import { checked, enumOf, ranged } from '../../attr/values.ts'

export const QUEUE_TYPE = { rx: 0, tx: 1 } as const

const queueType = checked(enumOf(u32, QUEUE_TYPE), { type: 'u32', max: 1n })
const ifindex = ranged(u32, { min: 1 })

/** One queue of a device that is named elsewhere. Source: uapi NETDEV_A_QUEUE_*. */
export const NETDEV_QUEUE_ID = attrTable('queue-id', {
  id: { id: 1, c: 'NETDEV_A_QUEUE_ID', codec: u32 },
  type: { id: 3, c: 'NETDEV_A_QUEUE_TYPE', codec: queueType },
})
export type NetdevQueueId = AttrsOf<typeof NETDEV_QUEUE_ID>

/** The other end of a leased queue. Source: spec 01 §4.3, §4.4; uapi NETDEV_A_LEASE_*. */
export const NETDEV_LEASE = attrTable('lease', {
  ifindex: { id: 1, c: 'NETDEV_A_LEASE_IFINDEX', codec: ifindex, doc: 'The other device, in its own namespace.' },
  queue: { id: 2, c: 'NETDEV_A_LEASE_QUEUE', codec: nest(NETDEV_QUEUE_ID) },
  netnsId: {
    id: 3,
    c: 'NETDEV_A_LEASE_NETNS_ID',
    codec: ranged(s32, { min: 0 }),
    doc: 'Id of the namespace of the other device. Default: the same namespace.',
  },
})
export type NetdevLease = AttrsOf<typeof NETDEV_LEASE>

/** An io_uring memory provider. Source: uapi NETDEV_A_IO_URING_PROVIDER_INFO_*. */
export const NETDEV_IO_URING = attrTable('io-uring-provider-info', {
  rxBufLen: { id: 1, c: 'NETDEV_A_IO_URING_PROVIDER_INFO_RX_BUF_LEN', codec: uint, doc: 'Bytes of a receive buffer.' },
})

/** Nothing is told about an AF_XDP pool but that it is there. */
export const NETDEV_XSK = attrTable('xsk-info', {})

/** Source: spec 01 §4.3; uapi NETDEV_A_QUEUE_*. */
export const NETDEV_QUEUE = attrTable('queue', {
  id: { id: 1, c: 'NETDEV_A_QUEUE_ID', codec: u32, doc: 'Number of the queue among those of its type, from 0.' },
  ifindex: { id: 2, c: 'NETDEV_A_QUEUE_IFINDEX', codec: ifindex },
  type: { id: 3, c: 'NETDEV_A_QUEUE_TYPE', codec: queueType },
  napiId: { id: 4, c: 'NETDEV_A_QUEUE_NAPI_ID', codec: u32, access: 'read' },
  dmabuf: {
    id: 5,
    c: 'NETDEV_A_QUEUE_DMABUF',
    codec: u32,
    access: 'read',
    doc: 'Id of the dma-buf binding that provides its memory.',
  },
  ioUring: { id: 6, c: 'NETDEV_A_QUEUE_IO_URING', since: '6.15', codec: nest(NETDEV_IO_URING), access: 'read' },
  xsk: { id: 7, c: 'NETDEV_A_QUEUE_XSK', since: '6.15', codec: nest(NETDEV_XSK), access: 'read' },
  lease: {
    id: 8,
    c: 'NETDEV_A_QUEUE_LEASE',
    codec: nest(NETDEV_LEASE),
    since: '7.1',
    doc: 'Request: the physical queue that a new queue is bound to. Reply: the virtual queue that a physical one is leased to.',
  },
})
export type NetdevQueue = AttrsOf<typeof NETDEV_QUEUE>
