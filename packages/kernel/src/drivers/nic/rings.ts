import { TCP_DATA_SPLIT } from '@netkit/netlink'
import type { EthtoolHooks, RingLimits, RingOption, Rings } from '../../net/ethtool.ts'
import type { Release } from '../../release/release.ts'
import { nicState } from './state.ts'

const MAX = 4096

const DEFAULT_RINGS: Rings = {
  rx: 512,
  rxMini: 0,
  rxJumbo: 0,
  tx: 512,
  tcpDataSplit: TCP_DATA_SPLIT.unknown,
  hdsThresh: 0,
}

/** What a NIC can do with rings: as netdevsim, it began to split headers only later, and had no size of its own before. */
export interface RingAbilities {
  readonly initial: Rings
  readonly supported: ReadonlySet<RingOption>
  readonly limits: RingLimits
}

const LIMITS: RingLimits = {
  rx: MAX,
  rxMini: MAX,
  rxJumbo: MAX,
  tx: MAX,
  tcpDataSplitDefault: TCP_DATA_SPLIT.enabled,
  hdsThresh: 1024,
}

const SPLITTING: RingAbilities = {
  initial: DEFAULT_RINGS,
  supported: new Set(['tcpDataSplit', 'hdsThresh']),
  limits: LIMITS,
}
const PLAIN: RingAbilities = {
  initial: { ...DEFAULT_RINGS, rx: 0, tx: 0 },
  supported: new Set(),
  limits: { ...LIMITS, tcpDataSplitDefault: TCP_DATA_SPLIT.unknown, hdsThresh: 0 },
}
export const ringAbilities = ({ does }: Release): RingAbilities => (does.nicSplitsHeaders ? SPLITTING : PLAIN)

/** Descriptor rings and the split of headers from payload. Source: spec 01 §4.11. */
export const nicRings: NonNullable<EthtoolHooks['rings']> = {
  supported: (dev) => nicState(dev).ringAbilities.supported,
  get: (dev) => nicState(dev).rings,
  limits: (dev) => nicState(dev).ringAbilities.limits,
  set(_kernel, dev, rings) {
    nicState(dev).rings = rings
    return 0
  },
}
