import { u32, uint } from '../../attr/integers.ts'
import { nest } from '../../attr/nest.ts'
import { type AttrsOf, attrTable } from '../../attr/table.ts'
import { ranged } from '../../attr/values.ts'
import { NETDEV_IO_URING } from './queue.ts'

const id = ranged(uint, { min: 1, max: 0xffff_ffff })
const ifindex = ranged(u32, { min: 1, max: 0x7fff_ffff })

/** Source: spec 01 §4.6; uapi NETDEV_A_PAGE_POOL_*. */
export const NETDEV_PAGE_POOL = attrTable('page-pool', {
  id: { id: 1, c: 'NETDEV_A_PAGE_POOL_ID', codec: id },
  ifindex: { id: 2, c: 'NETDEV_A_PAGE_POOL_IFINDEX', codec: ifindex, doc: 'Absent of a pool whose device is gone.' },
  napiId: { id: 3, c: 'NETDEV_A_PAGE_POOL_NAPI_ID', codec: uint, access: 'read' },
  inflight: {
    id: 4,
    c: 'NETDEV_A_PAGE_POOL_INFLIGHT',
    codec: uint,
    access: 'read',
    doc: 'Pages that are in use outside of the pool.',
  },
  inflightMem: { id: 5, c: 'NETDEV_A_PAGE_POOL_INFLIGHT_MEM', codec: uint, access: 'read', doc: 'Their bytes.' },
  detachTime: {
    id: 6,
    c: 'NETDEV_A_PAGE_POOL_DETACH_TIME',
    codec: uint,
    access: 'read',
    doc: 'Seconds since boot when its driver gave it up.',
  },
  dmabuf: { id: 7, c: 'NETDEV_A_PAGE_POOL_DMABUF', codec: u32, access: 'read' },
  ioUring: { id: 8, c: 'NETDEV_A_PAGE_POOL_IO_URING', since: '6.15', codec: nest(NETDEV_IO_URING), access: 'read' },
})
export type NetdevPagePool = AttrsOf<typeof NETDEV_PAGE_POOL>

/** Which pool statistics are about. */
export const NETDEV_PAGE_POOL_INFO = attrTable('page-pool-info', {
  id: { id: 1, c: 'NETDEV_A_PAGE_POOL_ID', codec: id },
  ifindex: { id: 2, c: 'NETDEV_A_PAGE_POOL_IFINDEX', codec: ifindex },
})

/** Source: spec 01 §4.6; uapi NETDEV_A_PAGE_POOL_STATS_*. */
export const NETDEV_PAGE_POOL_STATS = attrTable('page-pool-stats', {
  info: { id: 1, c: 'NETDEV_A_PAGE_POOL_STATS_INFO', codec: nest(NETDEV_PAGE_POOL_INFO) },
  allocFast: { id: 8, c: 'NETDEV_A_PAGE_POOL_STATS_ALLOC_FAST', codec: uint },
  allocSlow: { id: 9, c: 'NETDEV_A_PAGE_POOL_STATS_ALLOC_SLOW', codec: uint },
  allocSlowHighOrder: { id: 10, c: 'NETDEV_A_PAGE_POOL_STATS_ALLOC_SLOW_HIGH_ORDER', codec: uint },
  allocEmpty: { id: 11, c: 'NETDEV_A_PAGE_POOL_STATS_ALLOC_EMPTY', codec: uint },
  allocRefill: { id: 12, c: 'NETDEV_A_PAGE_POOL_STATS_ALLOC_REFILL', codec: uint },
  allocWaive: { id: 13, c: 'NETDEV_A_PAGE_POOL_STATS_ALLOC_WAIVE', codec: uint },
  recycleCached: { id: 14, c: 'NETDEV_A_PAGE_POOL_STATS_RECYCLE_CACHED', codec: uint },
  recycleCacheFull: { id: 15, c: 'NETDEV_A_PAGE_POOL_STATS_RECYCLE_CACHE_FULL', codec: uint },
  recycleRing: { id: 16, c: 'NETDEV_A_PAGE_POOL_STATS_RECYCLE_RING', codec: uint },
  recycleRingFull: { id: 17, c: 'NETDEV_A_PAGE_POOL_STATS_RECYCLE_RING_FULL', codec: uint },
  recycleReleasedRefcnt: { id: 18, c: 'NETDEV_A_PAGE_POOL_STATS_RECYCLE_RELEASED_REFCNT', codec: uint },
})
export type NetdevPagePoolStats = AttrsOf<typeof NETDEV_PAGE_POOL_STATS>
