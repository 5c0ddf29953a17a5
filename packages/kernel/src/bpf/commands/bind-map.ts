import type { BPF_COMMANDS } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { BpfCall } from '../call/call.ts'
import { mapAt, programAt } from '../call/files.ts'

type BindCall = BpfCall<(typeof BPF_COMMANDS.progBindMap)['attr']['members']>

/** Has a program hold a map that it does not use: what its loader keeps there lives as long as the program. */
export function bindMap({ attr, process }: BindCall): number {
  if (attr.flags !== 0) return -errno.EINVAL
  const program = programAt(process, attr.progFd)
  if (typeof program === 'number') return program
  const map = mapAt(process, attr.mapFd)
  if (typeof map === 'number') return map
  program.use(map)
  return 0
}
