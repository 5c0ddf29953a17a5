import { errno } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { peerOf } from '../pair.ts'
import { netkitState, PAIRING_SINGLE } from './state.ts'

/** Programs are attached through the primary of a pair, also those that its peer runs. Source: spec 02 §2.4, steps 8 to 10. */
export function netkitRunner(dev: Device, peer: boolean): Device | number {
  const state = netkitState(dev)
  if (!state.primary) return -errno.EACCES
  if (state.pairing === PAIRING_SINGLE) return -errno.EOPNOTSUPP
  return peer ? (peerOf(dev) ?? -errno.ENODEV) : dev
}

/** Pairs have programs of their own kind instead. */
export const takesXdpHooks = (dev: Device): number =>
  netkitState(dev).pairing === PAIRING_SINGLE ? 0 : -errno.EOPNOTSUPP
