import { errno, NETKIT } from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import type { LinkRequest } from '../../net/link-request.ts'
import type { Request } from '../../net/request.ts'
import { SAYS } from './says.ts'
import { netkitState, PAIRING_SINGLE, POLICY_DROP, POLICY_PASS } from './state.ts'

const N = NETKIT.ids

/** What is settled at creation, in the order in which it is looked for. Source: spec 01 §3.7. */
const FIXED: readonly (readonly [id: number, what: string])[] = [
  [N.mode, 'operating mode'],
  [N.scrub, 'scrubbing'],
  [N.peerScrub, 'peer scrubbing'],
  [N.peerInfo, 'peer info'],
  [N.headroom, 'headroom'],
  [N.tailroom, 'tailroom'],
  [N.pairing, 'pairing'],
]

/** Changes the policies, through the primary. A policy that was changed before a refusal stays changed. */
export function changeNetkit(kernel: Core, dev: Device, { data }: LinkRequest, req: Request): number {
  const state = netkitState(dev)
  if (!state.primary) return req.refuse(errno.EACCES, SAYS.primaryOnly)
  for (const [id, what] of FIXED) {
    if (data[id] !== 0) return req.refuse(errno.EACCES, SAYS.fixed(what), data[id])
  }
  if (data[N.policy] !== 0) {
    if (state.pairing === PAIRING_SINGLE) return -errno.EOPNOTSUPP
    const error = setPolicy(kernel, dev, data[N.policy], req)
    if (error !== 0) return error
  }
  if (data[N.peerPolicy] !== 0) {
    if (!state.peer) return -errno.EOPNOTSUPP
    return setPolicy(kernel, state.peer, data[N.peerPolicy], req)
  }
  return 0
}

function setPolicy(kernel: Core, dev: Device, attr: number, req: Request): number {
  const policy = req.u32(attr)
  if (policy !== POLICY_PASS && policy !== POLICY_DROP) return req.refuse(errno.EINVAL, SAYS.badPolicy, attr)
  netkitState(dev).policy = policy
  kernel.changes++
  return 0
}
