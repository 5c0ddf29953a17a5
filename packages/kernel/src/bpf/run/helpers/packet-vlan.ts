import { errno } from '@netkit/netlink'
import { joinSum, leaveSum } from '../../../packet/complete-sum.ts'
import { FLAG_AT_INGRESS, PKT_SHIFT, PKT_STATE } from '../../../packet/fields.ts'
import type { Packets } from '../../../packet/packets.ts'
import { isVlan } from '../../../packet/vlan.ts'
import { popVlan, pushVlan } from '../../../packet/vlan-tags.ts'
import type { Contexts } from '../../context/contexts.ts'
import type { HelperRow } from './helper.ts'
import { swap16 } from './packet-protocol.ts'

const ETH_P_8021Q = 0x8100

type Change = (packets: Packets, handle: number, protocol: number, tci: number) => boolean

/** Does something about tags. At ingress the sum over the packet leaves its link-layer header out, and takes it in meanwhile. */
function withSum(contexts: Contexts, ctx: number, change: Change, protocol: number, tci: number): number {
  const context = contexts.at(ctx)
  const { packets } = contexts
  const { handle } = context
  contexts.settle(context)
  const atIngress = (packets.fields[(handle << PKT_SHIFT) + PKT_STATE] & FLAG_AT_INGRESS) !== 0
  if (atIngress) joinSum(packets, handle, 0, context.macLength, 0)
  const isDone = change(packets, handle, protocol, tci)
  if (atIngress) leaveSum(packets, handle, 0, context.macLength, 0)
  contexts.refresh(context)
  return isDone ? 0 : -errno.ENOMEM
}

/** VLAN tags. Source: spec 02 §3.6. */
export const PACKET_VLAN: readonly HelperRow[] = [
  {
    name: 'skb_vlan_push',
    args: ['u32', 'u32', 'u32'],
    returns: 's32',
    body({ contexts }, ctx, protocol, tci) {
      const type = swap16(protocol)
      return withSum(contexts, ctx, pushVlan, isVlan(type) ? type : ETH_P_8021Q, tci & 0xffff)
    },
  },
  {
    name: 'skb_vlan_pop',
    args: ['u32'],
    returns: 's32',
    body: ({ contexts }, ctx) => withSum(contexts, ctx, popVlan, 0, 0),
  },
]
