import { errno } from '@netkit/netlink'
import type { HelperRow } from './helper.ts'

/** Functions that are called later. Source: spec 02 §3.6. */
export const TIMERS: readonly HelperRow[] = [
  {
    name: 'timer_init',
    args: ['u32', 'u32', 'u64'],
    returns: 's32',
    body({ timers, special }, at, map, flags, high) {
      const place = special.get(map >>> 0)?.find(({ kind }) => kind === 'bpf_timer')?.at ?? 0
      return high !== 0 ? -errno.EINVAL : timers.init(at >>> 0, map >>> 0, (at >>> 0) - place, flags >>> 0)
    },
  },
  {
    name: 'timer_set_callback',
    args: ['u32', 'func'],
    returns: 's32',
    body: ({ timers }, at, callback) => timers.setCallback(at >>> 0, callback),
  },
  {
    name: 'timer_start',
    args: ['u32', 'u64', 'u64'],
    returns: 's32',
    body({ timers }, at, low, high, flags, flagsHigh) {
      const ns = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
      return flagsHigh !== 0 ? -errno.EINVAL : timers.start(at >>> 0, ns, flags >>> 0)
    },
  },
  { name: 'timer_cancel', args: ['u32'], returns: 's32', body: ({ timers }, at) => timers.cancel(at >>> 0) },
]
