import { errno } from '@netkit/netlink'
import { VERDICT_DROP, VERDICT_REDIRECT } from '../../../net/device-programs.ts'
import {
  NEXT_HOP_BYTES,
  REDIRECT_EGRESS,
  REDIRECT_INGRESS,
  REDIRECT_NEIGHBOUR,
  REDIRECT_NEXT_HOP,
  REDIRECT_PEER,
} from '../../../net/redirect.ts'
import type { HelperRow, HelperWorld } from './helper.ts'

/** Notes where a REDIRECT verdict is to lead. Nothing is looked up yet. */
function note({ redirects }: HelperWorld, ifindex: number, flags: number): number {
  redirects.target = ifindex
  redirects.flags = flags
  return VERDICT_REDIRECT
}

/** Where packets are sent. Source: spec 02 §1.8. */
export const REDIRECTS: readonly HelperRow[] = [
  {
    name: 'redirect',
    args: ['u32', 'u64'],
    returns: 's32',
    body: (of, ifindex, flags, high) =>
      ((flags & ~REDIRECT_INGRESS) | high) !== 0 ? VERDICT_DROP : note(of, ifindex, flags),
  },
  {
    name: 'redirect_peer',
    args: ['u32', 'u64'],
    returns: 's32',
    body: (of, ifindex, flags, high) =>
      ((flags & ~REDIRECT_EGRESS) | high) !== 0 ? VERDICT_DROP : note(of, ifindex, REDIRECT_PEER | flags),
  },
  {
    name: 'redirect_neigh',
    args: ['u32', 'u32', 'u32', 'u64'],
    returns: 's32',
    body(of, ifindex, params, length, flags, high) {
      if ((flags | high) !== 0 || (length !== 0 && length < NEXT_HOP_BYTES)) return VERDICT_DROP
      if (length === 0) return note(of, ifindex, REDIRECT_NEIGHBOUR)
      const { u8 } = of.memory
      for (let i = 0; i < NEXT_HOP_BYTES; i++) of.redirects.nextHop[i] = u8[(params >>> 0) + i]
      return note(of, ifindex, REDIRECT_NEIGHBOUR | REDIRECT_NEXT_HOP)
    },
  },
  {
    name: 'clone_redirect',
    args: ['u32', 'u32', 'u64'],
    returns: 's32',
    body({ contexts, redirects }, ctx, ifindex, flags, high) {
      const context = contexts.at(ctx)
      if (context.dev === undefined) return -errno.EINVAL
      contexts.settle(context)
      const result = redirects.sendClone(context.dev, context.handle, ifindex, high === 0 ? flags : -1)
      contexts.refresh(context)
      return result
    },
  },
]
