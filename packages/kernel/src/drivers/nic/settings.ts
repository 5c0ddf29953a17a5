import { COALESCE, errno } from '@netkit/netlink'
import type { EthtoolHooks, FecCounters, FecState, PauseCounters, PauseFrames } from '../../net/ethtool.ts'
import { nicState } from './state.ts'

/** Settings that a NIC keeps, and that change nothing about its packets. Source: what netdevsim answers on Linux 7.3. */
export interface NicSettings {
  coalesce: Uint32Array
  pause: PauseFrames
  fec: FecState
}

/** Of coalescing, what was added later is accepted and not kept. */
const FIRST_FORGOTTEN = COALESCE.ids.useCqeModeTx

export const makeNicSettings = (): NicSettings => ({
  coalesce: new Uint32Array(COALESCE.byId.length),
  pause: { autoneg: 0, rx: 0, tx: 0 },
  fec: { modes: 0n, auto: false },
})

/** Always the same: no wire here has anything to pause. */
const PAUSE_COUNTERS: PauseCounters = { tx: 2, rx: 1 }

/** Always the same: there is no wire that could spoil anything. */
const FEC_COUNTERS: FecCounters = {
  corrected: 123,
  uncorrectable: 4,
  histogram: [
    { low: 0, high: 0, count: 445, lanes: [125, 120, 100, 100] },
    { low: 1, high: 3, count: 12 },
    { low: 4, high: 7, count: 2, lanes: [2, 0, 0, 0] },
  ],
}

export const nicSettings: Pick<EthtoolHooks, 'coalesce' | 'pause' | 'fec'> = {
  coalesce: {
    get: (dev) => nicState(dev).settings.coalesce,
    set(dev, coalesce) {
      nicState(dev).settings.coalesce = coalesce.fill(0, FIRST_FORGOTTEN)
    },
  },
  pause: {
    get: (dev) => nicState(dev).settings.pause,
    set(dev, pause) {
      if (pause.autoneg !== 0) return -errno.EINVAL
      nicState(dev).settings.pause = pause
      return 0
    },
    counters: () => PAUSE_COUNTERS,
  },
  fec: {
    get: (dev) => nicState(dev).settings.fec,
    set(dev, fec) {
      nicState(dev).settings.fec = fec
    },
    counters: () => FEC_COUNTERS,
  },
}
