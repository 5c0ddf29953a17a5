import { errno } from '@netkit/netlink'
import type { HelperRow } from './helper.ts'

const MOST_ROUNDS = 1 << 23

/** An iterator: the number that it gave last, and the one that it ends before. Both are s32. */
const CURRENT = 0
const END = 4

/** Numbers one after the other: functions of the kernel. Source: spec 02 §3.7. */
export const ITERATORS: readonly HelperRow[] = [
  {
    name: 'bpf_iter_num_new',
    args: ['u32', 'u32', 'u32'],
    returns: 's32',
    body({ memory: { view } }, at, start, end) {
      const rounds = end - start
      const error = rounds < 0 ? -errno.EINVAL : rounds > MOST_ROUNDS ? -errno.E2BIG : 0
      view.setInt32((at >>> 0) + CURRENT, error === 0 ? start - 1 : 0, true)
      view.setInt32((at >>> 0) + END, error === 0 ? end : 0, true)
      return error
    },
  },
  {
    name: 'bpf_iter_num_next',
    args: ['u32'],
    returns: 'u32',
    body({ memory: { view } }, at) {
      const current = view.getInt32((at >>> 0) + CURRENT, true) + 1
      if ((current | 0) >= view.getInt32((at >>> 0) + END, true)) {
        view.setInt32((at >>> 0) + CURRENT, 0, true)
        view.setInt32((at >>> 0) + END, 0, true)
        return 0
      }
      view.setInt32((at >>> 0) + CURRENT, current, true)
      return at + CURRENT
    },
  },
  {
    name: 'bpf_iter_num_destroy',
    args: ['u32'],
    returns: 'void',
    body({ memory: { view } }, at) {
      view.setBigUint64(at >>> 0, 0n, true)
      return 0
    },
  },
]
