import type { EthtoolHooks } from '../../net/ethtool.ts'

/** Receive and transmit channels apart, each with one queue. */
export const vethChannels: NonNullable<EthtoolHooks['channels']> = {
  get: (dev) => ({
    max: { rx: dev.numRxQueues, tx: dev.numTxQueues, other: 0, combined: 0 },
    count: { rx: dev.realRxQueues, tx: dev.realTxQueues, other: 0, combined: 0 },
  }),
  set(_kernel, dev, { rx, tx }) {
    dev.realRxQueues = rx
    dev.realTxQueues = tx
    return 0
  },
}
