import { NETKIT, type Writer } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { netkitState, PAIRING_PAIR } from './state.ts'

const N = NETKIT.ids

/** IFLA_INFO_DATA, in the kernel's order. Source: spec 01 §3.9. */
export function fillNetkit(dev: Device, w: Writer): void {
  const state = netkitState(dev)
  w.attrU8(N.primary, state.primary ? 1 : 0)
  w.attrU32(N.policy, state.policy)
  w.attrU32(N.mode, state.mode)
  if (state.pairing === PAIRING_PAIR) w.attrU32(N.scrub, state.scrub)
  w.attrU16(N.headroom, dev.neededHeadroom)
  w.attrU16(N.tailroom, dev.neededTailroom)
  w.attrU32(N.pairing, state.pairing)
  if (!state.peer) return
  const peer = netkitState(state.peer)
  w.attrU32(N.peerPolicy, peer.policy)
  w.attrU32(N.peerScrub, peer.scrub)
}
