import type { BPF_COMMANDS } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { BpfCall } from '../call/call.ts'
import { administersSystem } from '../call/capable.ts'
import { linkAt, programAt } from '../call/files.ts'

// Commands about what never is here: tracepoints, iterators, delegated file systems. They answer as Linux does then.

type TracepointCall = BpfCall<(typeof BPF_COMMANDS.rawTracepointOpen)['attr']['members']>
type QueryCall = BpfCall<(typeof BPF_COMMANDS.taskFdQuery)['attr']['members']>
type IterCall = BpfCall<(typeof BPF_COMMANDS.iterCreate)['attr']['members']>
type TokenCall = BpfCall<(typeof BPF_COMMANDS.tokenCreate)['attr']['members']>

/** No program here is one of tracepoints. */
export function openRawTracepoint({ attr, process }: TracepointCall): number {
  const program = programAt(process, attr.progFd)
  return typeof program === 'number' ? program : -errno.EINVAL
}

/** What a process traces by a descriptor of its: nothing. */
export function queryTaskFd(call: QueryCall): number {
  const { attr, kernel } = call
  if (!administersSystem(call)) return -errno.EPERM
  if (attr.flags !== 0) return -errno.EINVAL
  const task = kernel.processes.get(attr.pid)
  if (!task) return -errno.ENOENT
  const file = task.files.get(attr.fd)
  if (!file) return -errno.EBADF
  // A perf event could have a program; these have none.
  return file.type === 'bpf' && file.object.kind === 'perf event' ? -errno.ENOENT : -errno.ENOTSUPP
}

/** No link here is one of an iterator. */
export function createIterator({ attr, process }: IterCall): number {
  if (attr.flags !== 0) return -errno.EINVAL
  const link = linkAt(process, attr.linkFd)
  return typeof link === 'number' ? link : -errno.EINVAL
}

/** No descriptor here is one of a BPF file system. */
export function createToken({ attr, process }: TokenCall): number {
  if (attr.flags !== 0) return -errno.EINVAL
  return process.files.has(attr.bpffsFd) ? -errno.EINVAL : -errno.EBADF
}
