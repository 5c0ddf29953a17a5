import type { BPF_COMMANDS } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { BpfCall } from '../call/call.ts'
import { administersSystem } from '../call/capable.ts'

type StatsCall = BpfCall<(typeof BPF_COMMANDS.enableStats)['attr']['members']>

/** BPF_STATS_RUN_TIME: the only kind there is. */
const RUN_TIME = 0

/** Has runs counted and timed until the descriptor is closed. */
export function enableStats(call: StatsCall): number {
  if (!administersSystem(call)) return -errno.EPERM
  if (call.attr.type !== RUN_TIME) return -errno.EINVAL
  return call.process.openObject(call.objects.statistics)
}
