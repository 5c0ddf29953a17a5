import { u32 } from '../../attr/integers.ts'
import { nest } from '../../attr/nest.ts'
import { type AttrsOf, attrTable } from '../../attr/table.ts'
import { ranged } from '../../attr/values.ts'
import { NETDEV_QUEUE_ID } from './queue.ts'

/** Binding a dma-buf to queues. Source: spec 01 §4.8, §4.9; uapi NETDEV_A_DMABUF_*. */
export const NETDEV_DMABUF = attrTable('dmabuf', {
  ifindex: { id: 1, c: 'NETDEV_A_DMABUF_IFINDEX', codec: ranged(u32, { min: 1 }) },
  queues: {
    id: 2,
    c: 'NETDEV_A_DMABUF_QUEUES',
    codec: nest(NETDEV_QUEUE_ID),
    multi: true,
    doc: 'Receive queues that take their memory from it.',
  },
  fd: { id: 3, c: 'NETDEV_A_DMABUF_FD', codec: u32, doc: 'File descriptor of the dma-buf.' },
  id: {
    id: 4,
    c: 'NETDEV_A_DMABUF_ID',
    codec: u32,
    access: 'read',
    doc: 'Id of the binding, which lives as long as the socket.',
  },
  rxPageSize: {
    id: 5,
    c: 'NETDEV_A_DMABUF_RX_PAGE_SIZE',
    since: '7.1',
    codec: ranged(u32, { min: 4096 }),
    doc: 'Bytes of one receive buffer, a power of two. Default: a page.',
  },
})
export type NetdevDmabuf = AttrsOf<typeof NETDEV_DMABUF>
