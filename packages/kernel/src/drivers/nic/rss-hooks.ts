import { errno, HASH_FUNCTIONS } from '@netkit/netlink'
import type { EthtoolHooks, RssChange } from '../../net/ethtool.ts'
import type { Request } from '../../net/request.ts'
import type { Refusal } from './rss.ts'
import { nicState } from './state.ts'

const refuse = (req: Request, refusal: Refusal): number =>
  refusal.message === undefined ? -refusal.errno : req.refuseFormatted(refusal.errno, refusal.message)

/** Only the Toeplitz hash, and only as it is. */
const supports = ({ hfunc = HASH_FUNCTIONS.top, inputXfrm = 0 }: RssChange): boolean =>
  hfunc === HASH_FUNCTIONS.top && inputXfrm === 0

/** Receive side scaling of the NIC itself, as ethtool sees it. */
export const nicRss: NonNullable<EthtoolHooks['rss']> = {
  get(dev) {
    const { rss } = nicState(dev)
    return {
      hfunc: HASH_FUNCTIONS.top,
      indir: Uint32Array.from(rss.table),
      key: rss.key,
      inputXfrm: 0,
      indirConfigured: rss.userSet,
    }
  },
  set(_kernel, dev, change, req) {
    const { rss } = nicState(dev)
    if (!supports(change)) return -errno.EOPNOTSUPP
    if (change.indir) {
      const refusal = rss.setTable(change.indir, dev.realRxQueues)
      if (refusal) return refuse(req, refusal)
    } else if (change.indir === null) rss.reset(dev.realRxQueues)
    const refusal = change.key && rss.setKey(change.key)
    return refusal ? refuse(req, refusal) : 0
  },
}
