import { errno } from '@netkit/netlink'
import { XDP_ABORTED } from '../../../net/xdp-run.ts'
import { COPY } from '../../../packet/copy-reason.ts'
import { readBytes } from '../../../packet/edit.ts'
import { PKT_LENGTH, PKT_SHIFT } from '../../../packet/fields.ts'
import { adjustHead, adjustMeta, adjustTail, storeBytes } from '../../../packet/frame-edit.ts'
import type { Packets } from '../../../packet/packets.ts'
import type { HelperRow, HelperWorld } from './helper.ts'

const MOST_OFFSET = 0xffff

type Change = (packets: Packets, handle: number, delta: number) => number

/** A helper that moves an end of the frame; the program sees it as it is then. */
const changing = (name: string, change: Change): HelperRow => ({
  name,
  args: ['u32', 'u32'],
  returns: 's32',
  body({ contexts }, ctx, delta) {
    const context = contexts.at(ctx)
    const error = change(contexts.packets, context.handle, delta | 0)
    if (error === 0) contexts.refresh(context)
    return error
  },
})

/** Whether some bytes of a frame can be meant: 0, EFAULT or EINVAL. */
function checkRange({ packets }: HelperWorld['contexts'], handle: number, offset: number, length: number): number {
  if (offset > MOST_OFFSET || length > MOST_OFFSET) return -errno.EFAULT
  return offset + length > packets.table.fields[(handle << PKT_SHIFT) + PKT_LENGTH] ? -errno.EINVAL : 0
}

/** Helpers of XDP programs alone, and those that are others for them. Source: spec 02 §7.1. */
export const XDP: readonly HelperRow[] = [
  changing('xdp_adjust_head', adjustHead),
  changing('xdp_adjust_tail', adjustTail),
  changing('xdp_adjust_meta', adjustMeta),
  {
    name: 'xdp_get_buff_len',
    args: ['u32'],
    returns: 'u32',
    body: ({ contexts }, ctx) => contexts.packets.table.fields[(contexts.at(ctx).handle << PKT_SHIFT) + PKT_LENGTH],
  },
  {
    name: 'xdp_load_bytes',
    args: ['u32', 'u32', 'u32', 'u32'],
    returns: 's32',
    body({ contexts }, ctx, offset, to, length) {
      const { packets } = contexts
      const { handle } = contexts.at(ctx)
      const error = checkRange(contexts, handle, offset >>> 0, length >>> 0)
      if (error !== 0) return error
      return readBytes(packets, handle, offset, length, packets.memory, to >>> 0, COPY.headers) ? 0 : -errno.EFAULT
    },
  },
  {
    name: 'xdp_store_bytes',
    args: ['u32', 'u32', 'u32', 'u32'],
    returns: 's32',
    body({ contexts }, ctx, offset, from, length) {
      const { packets } = contexts
      const { handle } = contexts.at(ctx)
      const error = checkRange(contexts, handle, offset >>> 0, length >>> 0)
      if (error !== 0) return error
      storeBytes(packets, handle, offset, length, from >>> 0)
      return 0
    },
  },
  {
    name: 'redirect',
    args: ['u32', 'u64'],
    returns: 's32',
    body: ({ xdp }, ifindex, flags, high) => (high !== 0 ? XDP_ABORTED : xdp.redirect(ifindex, flags)),
  },
  {
    name: 'redirect_map',
    args: ['u32', 'u32', 'u64'],
    returns: 's32',
    body: ({ xdp }, map, key, flags, high) => (high !== 0 ? XDP_ABORTED : xdp.redirectMap(map, key, flags)),
  },
]
