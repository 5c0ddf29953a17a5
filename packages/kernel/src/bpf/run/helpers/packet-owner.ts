import type { HelperRow, HelperWorld } from './helper.ts'

/** Uid of what belongs to nobody. */
const NOBODY = 65534

const constant = (name: string, value: number, returns: HelperRow['returns'] = 'u32'): HelperRow => ({
  name,
  args: ['u32'],
  returns,
  body: () => value,
})

/** A number of 64 bits that is 0. */
const zero = (name: string): HelperRow => ({
  name,
  args: ['u32'],
  returns: 'u64',
  body({ memory, resultCell }: HelperWorld) {
    memory.view.setBigUint64(resultCell, 0n, true)
    return 0
  },
})

/** Who sent a packet: nobody here has cgroups, and packets remember no socket. Source: spec 02 §3.5. */
export const PACKET_OWNER: readonly HelperRow[] = [
  zero('get_socket_cookie'),
  constant('get_socket_uid', NOBODY),
  constant('get_cgroup_classid', 0),
  zero('skb_cgroup_id'),
  zero('skb_cgroup_classid'),
  constant('get_route_realm', 0),
]
