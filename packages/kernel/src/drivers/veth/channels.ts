import { errno } from '@netkit/netlink'
import type { EthtoolHooks } from '../../net/ethtool.ts'
import { peerOf } from '../pair.ts'
import { offerXdp } from './xdp.ts'

/** Receive and transmit channels apart, each with one queue. */
export const vethChannels: NonNullable<EthtoolHooks['channels']> = {
  get: (dev) => ({
    max: { rx: dev.numRxQueues, tx: dev.numTxQueues, other: 0, combined: 0 },
    count: { rx: dev.realRxQueues, tx: dev.realTxQueues, other: 0, combined: 0 },
  }),
  set(kernel, dev, { rx, tx }) {
    const peer = peerOf(dev)
    if (peer && dev.xdp?.driver && rx < peer.realTxQueues) return -errno.EINVAL
    if (peer?.xdp?.driver && tx > peer.realRxQueues) return -errno.EINVAL
    dev.realRxQueues = rx
    dev.realTxQueues = tx
    offerXdp(kernel, dev)
    if (peer) offerXdp(kernel, peer)
    return 0
  },
}
