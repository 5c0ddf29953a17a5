import { errno, HASH_FUNCTIONS } from '@netkit/netlink'
import type { EthtoolHooks } from '../../net/ethtool.ts'
import type { Request } from '../../net/request.ts'
import type { Refusal } from './rss.ts'
import { nicState } from './state.ts'

const refuse = (req: Request, refusal: Refusal): number =>
  refusal.message === undefined ? -refusal.errno : req.refuseFormatted(refusal.errno, refusal.message)

/** Receive side scaling of the NIC itself, as ethtool sees it. */
export const nicRss: NonNullable<EthtoolHooks['rss']> = {
  get(dev) {
    const { rss } = nicState(dev)
    return {
      hfunc: HASH_FUNCTIONS.top,
      indir: Uint32Array.from(rss.table),
      key: rss.key,
      indirConfigured: rss.userSet,
    }
  },
  set(_kernel, dev, change, req) {
    const { rss } = nicState(dev)
    // There is only one hash.
    if (change.hfunc !== undefined && change.hfunc !== HASH_FUNCTIONS.top) return -errno.EOPNOTSUPP
    if (change.indir) {
      const refusal = rss.setTable(change.indir, dev.realRxQueues)
      if (refusal) return refuse(req, refusal)
    } else if (change.indir === null) rss.reset(dev.realRxQueues)
    const refusal = change.key && rss.setKey(change.key)
    return refusal ? refuse(req, refusal) : 0
  },
}
