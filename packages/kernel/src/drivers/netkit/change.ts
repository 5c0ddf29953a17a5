import { errno, NETKIT } from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import type { LinkRequest } from '../../net/link-request.ts'
import type { Request } from '../../net/request.ts'
import { SAYS } from './says.ts'
import { netkitState, PAIRING_SINGLE, POLICY_DROP, POLICY_PASS } from './state.ts'

const N = NETKIT.ids

/** What is settled at creation, in the order in which it is looked for. Source: spec 01 §3.7. */
const FIXED: readonly Fixed[] = [
  { id: N.mode, what: 'link operating mode' },
  { id: N.scrub, what: 'link scrubbing', earlier: { before: '7.3', what: 'scrubbing' } },
  { id: N.peerScrub, what: 'link peer scrubbing', earlier: { before: '7.3', what: 'scrubbing' } },
  { id: N.peerInfo, what: 'link peer info', earlier: { before: '7.3', what: 'peer info', code: errno.EINVAL } },
  { id: N.headroom, what: 'link headroom' },
  { id: N.tailroom, what: 'link tailroom' },
  { id: N.pairing, what: 'link pairing' },
]

interface Refusal {
  readonly what: string
  /** Default: EACCES. */
  readonly code?: number
}
interface Fixed extends Refusal {
  readonly id: number
  readonly earlier?: Refusal & { readonly before: string }
}

/** Changes the policies, through the primary. A policy that was changed before a refusal stays changed. */
export function changeNetkit(kernel: Core, dev: Device, { data }: LinkRequest, req: Request): number {
  const state = netkitState(dev)
  if (!state.primary) return req.refuse(errno.EACCES, SAYS.primaryOnly)
  for (const fixed of FIXED) {
    const attr = data[fixed.id]
    if (attr === 0) continue
    const { earlier } = fixed
    const { what, code }: Refusal = earlier && !kernel.release.has(earlier.before) ? earlier : fixed
    return req.refuse(code ?? errno.EACCES, SAYS.fixed(what), attr)
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
