import { NO_ATTRS } from '../../attr/policy.ts'
import { policyOf } from '../../attr/table.ts'
import { genlFamily } from '../family.ts'
import { NETDEV_DEV } from './dev.ts'
import { NETDEV_DMABUF } from './dmabuf.ts'
import { NETDEV_NAPI } from './napi.ts'
import { NETDEV_PAGE_POOL, NETDEV_PAGE_POOL_STATS } from './page-pool.ts'
import { NETDEV_QSTATS } from './qstats.ts'
import { NETDEV_QUEUE } from './queue.ts'

/** Devices, their queues, NAPI instances, page pools and statistics. Source: spec 01 §4. */
export const NETDEV = genlFamily({
  name: 'netdev',
  version: 1,
  groups: ['mgmt', 'page-pool'],
  commands: {
    devGet: {
      id: 1,
      c: 'NETDEV_CMD_DEV_GET',
      attrs: NETDEV_DEV,
      do: policyOf(NETDEV_DEV, { ifindex: true }),
      dump: NO_ATTRS,
      reads: true,
    },
    devAddNtf: { id: 2, c: 'NETDEV_CMD_DEV_ADD_NTF', attrs: NETDEV_DEV, event: true },
    devDelNtf: { id: 3, c: 'NETDEV_CMD_DEV_DEL_NTF', attrs: NETDEV_DEV, event: true },
    devChangeNtf: { id: 4, c: 'NETDEV_CMD_DEV_CHANGE_NTF', attrs: NETDEV_DEV, event: true },
    pagePoolGet: {
      id: 5,
      c: 'NETDEV_CMD_PAGE_POOL_GET',
      attrs: NETDEV_PAGE_POOL,
      do: policyOf(NETDEV_PAGE_POOL, { id: true }),
      dump: policyOf(NETDEV_PAGE_POOL, { ifindex: true }, { ifindex: '7.1' }),
      reads: true,
    },
    pagePoolAddNtf: { id: 6, c: 'NETDEV_CMD_PAGE_POOL_ADD_NTF', attrs: NETDEV_PAGE_POOL, event: true },
    pagePoolDelNtf: { id: 7, c: 'NETDEV_CMD_PAGE_POOL_DEL_NTF', attrs: NETDEV_PAGE_POOL, event: true },
    pagePoolChangeNtf: { id: 8, c: 'NETDEV_CMD_PAGE_POOL_CHANGE_NTF', attrs: NETDEV_PAGE_POOL, event: true },
    pagePoolStatsGet: {
      id: 9,
      c: 'NETDEV_CMD_PAGE_POOL_STATS_GET',
      attrs: NETDEV_PAGE_POOL_STATS,
      do: policyOf(NETDEV_PAGE_POOL_STATS, { info: true }),
      dump: policyOf(NETDEV_PAGE_POOL_STATS, { info: true }),
      reads: true,
    },
    queueGet: {
      id: 10,
      c: 'NETDEV_CMD_QUEUE_GET',
      attrs: NETDEV_QUEUE,
      do: policyOf(NETDEV_QUEUE, { id: true, ifindex: true, type: true }),
      dump: policyOf(NETDEV_QUEUE, { ifindex: true }),
      reads: true,
    },
    napiGet: {
      id: 11,
      c: 'NETDEV_CMD_NAPI_GET',
      attrs: NETDEV_NAPI,
      do: policyOf(NETDEV_NAPI, { id: true }),
      dump: policyOf(NETDEV_NAPI, { ifindex: true }),
      reads: true,
    },
    qstatsGet: {
      id: 12,
      c: 'NETDEV_CMD_QSTATS_GET',
      attrs: NETDEV_QSTATS,
      dump: policyOf(NETDEV_QSTATS, { ifindex: true, scope: true }),
      reads: true,
    },
    bindRx: {
      id: 13,
      c: 'NETDEV_CMD_BIND_RX',
      attrs: NETDEV_DMABUF,
      do: policyOf(NETDEV_DMABUF, { ifindex: true, queues: true, fd: true, rxPageSize: true }),
      privilege: 'ns-admin',
      earlier: { before: '6.16', privilege: 'admin' },
    },
    napiSet: {
      id: 14,
      c: 'NETDEV_CMD_NAPI_SET',
      since: '6.13',
      attrs: NETDEV_NAPI,
      do: policyOf(NETDEV_NAPI, {
        id: true,
        deferHardIrqs: true,
        groFlushTimeout: true,
        irqSuspendTimeout: true,
        threaded: true,
      }),
      privilege: 'admin',
    },
    bindTx: {
      id: 15,
      c: 'NETDEV_CMD_BIND_TX',
      since: '6.16',
      attrs: NETDEV_DMABUF,
      do: policyOf(NETDEV_DMABUF, { ifindex: true, fd: true }),
    },
    queueCreate: {
      id: 16,
      c: 'NETDEV_CMD_QUEUE_CREATE',
      since: '7.1',
      attrs: NETDEV_QUEUE,
      do: policyOf(NETDEV_QUEUE, { ifindex: true, type: true, lease: true }),
      privilege: 'admin',
      doc: 'Adds a receive queue to a virtual device, bound to one of a physical device: a lease.',
    },
  },
})
