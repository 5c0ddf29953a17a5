import type { Device } from '../../net/device.ts'
import type { PairState } from '../pair.ts'
import type { XdpCounts } from './xdp-counts.ts'

export const POLICY_PASS = 0
export const POLICY_DROP = 2
export const MODE_L2 = 0
export const MODE_L3 = 1
export const SCRUB_DEFAULT = 1
export const PAIRING_PAIR = 0
export const PAIRING_SINGLE = 1

/** What a netkit device has of its own. Source: spec 01 §3.2, spec 02 §1.1. */
export interface NetkitState extends PairState {
  /** The device that was asked for; a single device is one too. */
  primary: boolean
  mode: number
  pairing: number
  /** What becomes of packets that this end transmits while no program is attached: PASS or DROP. */
  policy: number
  scrub: number
  /** Room as asked for at creation. */
  headroom: number
  tailroom: number
  /** What the programs of the extension `netkit-xdp` have decided. Absent: none has run. */
  xdpCounts: XdpCounts | undefined
}

export const makeNetkitState = (): NetkitState => ({
  peer: undefined,
  primary: false,
  mode: MODE_L3,
  pairing: PAIRING_PAIR,
  policy: POLICY_PASS,
  scrub: SCRUB_DEFAULT,
  headroom: 0,
  tailroom: 0,
  xdpCounts: undefined,
})

export const netkitState = (dev: Device): NetkitState => dev.priv as NetkitState
