import { ProgramException } from '@netkit/bpf'
import type { HelperRow } from './helper.ts'

const NOTHING: readonly string[] = [
  'bpf_rcu_read_lock',
  'bpf_rcu_read_unlock',
  'bpf_preempt_disable',
  'bpf_preempt_enable',
]

/** Functions of the kernel about sections, of which there is nothing to do where one program runs at a time; and exceptions. */
export const SECTIONS: readonly HelperRow[] = [
  ...NOTHING.map((name): HelperRow => ({ name, args: [], returns: 'void', body: () => 0 })),
  {
    name: 'bpf_throw',
    args: ['u64'],
    returns: 'void',
    body(_of, low, high) {
      throw new ProgramException((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0))
    },
  },
]
