import { MAP_HEADER } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import { PKT_SHIFT, PKT_SOCKET } from '../../../packet/fields.ts'
import type { HelperRow, HelperWorld } from './helper.ts'

const constant = (name: string, value: number, returns: HelperRow['returns'] = 'u32'): HelperRow => ({
  name,
  args: ['u32'],
  returns,
  body: () => value,
})

/** An id of a cgroup. */
const cgroupId = (
  name: string,
  args: HelperRow['args'],
  id: (of: HelperWorld, ...args: number[]) => bigint,
): HelperRow => ({
  name,
  args,
  returns: 'u64',
  body(of, ...values) {
    of.memory.view.setBigUint64(of.resultCell, id(of, ...values), true)
    return 0
  },
})

const hasSender = ({ contexts }: HelperWorld, ctx: number): boolean =>
  contexts.packets.table.fields[(contexts.at(ctx).handle << PKT_SHIFT) + PKT_SOCKET] !== 0

/** What is said of an element of a map of cgroups: it is empty. */
const missing = ({ memory: { view } }: HelperWorld, map: number, index: number): number =>
  index >>> 0 >= view.getUint32((map >>> 0) + MAP_HEADER.MAX_ENTRIES, true) ? -errno.E2BIG : -errno.EAGAIN

/** Id of the root of all cgroups, the only one there is. */
const ROOT_CGROUP = 1n

/** What belongs to cgroups and classes: there are none here but the root. Source: spec 02 §3.5. */
export const PACKET_OWNER: readonly HelperRow[] = [
  constant('get_cgroup_classid', 0),
  cgroupId('skb_cgroup_id', ['u32'], (of, ctx) => (hasSender(of, ctx) ? ROOT_CGROUP : 0n)),
  cgroupId('skb_ancestor_cgroup_id', ['u32', 'u32'], (of, ctx, level) =>
    hasSender(of, ctx) && level === 0 ? ROOT_CGROUP : 0n,
  ),
  cgroupId('skb_cgroup_classid', ['u32'], () => 0n),
  cgroupId('get_current_cgroup_id', [], () => ROOT_CGROUP),
  cgroupId('get_current_ancestor_cgroup_id', ['u32'], (_of, level) => (level === 0 ? ROOT_CGROUP : 0n)),
  {
    name: 'skb_under_cgroup',
    args: ['u32', 'u32', 'u32'],
    returns: 's32',
    body: (of, ctx, map, index) => (hasSender(of, ctx) ? missing(of, map, index) : -errno.ENOENT),
  },
  {
    name: 'current_task_under_cgroup',
    args: ['u32', 'u32'],
    returns: 's32',
    body: (of, map, index) => missing(of, map, index),
  },
  {
    // No packet was ever decrypted here.
    name: 'skb_get_xfrm_state',
    args: ['u32', 'u32', 'u32', 'u32', 'u64'],
    returns: 's32',
    body({ memory: { u8 } }, _ctx, _index, to, size) {
      u8.fill(0, to >>> 0, (to >>> 0) + (size >>> 0))
      return -errno.EINVAL
    },
  },
  constant('get_route_realm', 0),
]
