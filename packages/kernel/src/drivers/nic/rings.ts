import { TCP_DATA_SPLIT } from '@netkit/netlink'
import type { EthtoolHooks, RingLimits, Rings } from '../../net/ethtool.ts'
import { nicState } from './state.ts'

const MAX = 4096

export const DEFAULT_RINGS: Rings = {
  rx: 512,
  rxMini: 0,
  rxJumbo: 0,
  tx: 512,
  tcpDataSplit: TCP_DATA_SPLIT.unknown,
  hdsThresh: 0,
}

const LIMITS: RingLimits = {
  rx: MAX,
  rxMini: MAX,
  rxJumbo: MAX,
  tx: MAX,
  tcpDataSplitDefault: TCP_DATA_SPLIT.enabled,
  hdsThresh: 1024,
}

/** Descriptor rings and the split of headers from payload. Source: spec 01 §4.11. */
export const nicRings: NonNullable<EthtoolHooks['rings']> = {
  supported: new Set(['tcpDataSplit', 'hdsThresh']),
  get: (dev) => nicState(dev).rings,
  limits: () => LIMITS,
  set(_kernel, dev, rings) {
    nicState(dev).rings = rings
    return 0
  },
}
