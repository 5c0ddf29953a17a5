import { NETDEV } from '@netkit/netlink'
import type { FamilyServer } from '../call.ts'
import { bindRx, bindTx } from './bind.ts'
import { dumpDevices, getDevice } from './device.ts'
import { dumpNapis, getNapi, setNapi } from './napi.ts'
import { dumpPagePoolStats, dumpPagePools, getPagePool, getPagePoolStats } from './page-pool.ts'
import { dumpQstats } from './qstats.ts'
import { dumpQueues, getQueue } from './queue.ts'
import { createQueue } from './queue-create.ts'

/** Answers the family `netdev`. Source: spec 01 §4. */
export const netdevServer: FamilyServer = {
  family: NETDEV,
  handlers: {
    devGet: { do: getDevice, dump: dumpDevices },
    pagePoolGet: { do: getPagePool, dump: dumpPagePools },
    pagePoolStatsGet: { do: getPagePoolStats, dump: dumpPagePoolStats },
    queueGet: { do: getQueue, dump: dumpQueues },
    napiGet: { do: getNapi, dump: dumpNapis },
    qstatsGet: { dump: dumpQstats },
    bindRx: { do: bindRx },
    napiSet: { do: setNapi },
    bindTx: { do: bindTx },
    queueCreate: { do: createQueue },
  },
}
