import type { EthtoolHooks } from '../../net/ethtool.ts'
import { nicState } from './state.ts'

/** All channels are combined: a receive and a transmit queue each. Source: spec 01 §4.11, §4.12. */
export const nicChannels: NonNullable<EthtoolHooks['channels']> = {
  get: (dev) => ({
    max: { rx: 0, tx: 0, other: 0, combined: dev.numRxQueues },
    count: { rx: 0, tx: 0, other: 0, combined: dev.realRxQueues },
  }),
  set(_kernel, dev, { combined }) {
    dev.realRxQueues = combined
    dev.realTxQueues = combined
    nicState(dev).rss.resize(combined)
    return 0
  },
}
