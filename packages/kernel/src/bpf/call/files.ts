import { errno } from '@netkit/netlink'
import type { OpenObject, Process } from '../../net/process.ts'
import type { BpfLink } from '../objects/link.ts'
import type { BpfProgram } from '../objects/program.ts'

/** The object behind a descriptor; EBADF where nothing is open, EINVAL where something else is. */
function objectAt(process: Process, fd: number, kind: OpenObject['kind']): OpenObject | number {
  const file = process.files.get(fd)
  if (!file) return -errno.EBADF
  return file.type === 'bpf' && file.object.kind === kind ? file.object : -errno.EINVAL
}

/** A program by descriptor; EINVAL if it is not of the wanted type. */
export function programAt(process: Process, fd: number, type?: number): BpfProgram | number {
  const object = objectAt(process, fd, 'program')
  if (typeof object === 'number') return object
  const program = object as BpfProgram
  return type === undefined || program.type === type ? program : -errno.EINVAL
}

export function linkAt(process: Process, fd: number): BpfLink | number {
  const object = objectAt(process, fd, 'link')
  return typeof object === 'number' ? object : (object as BpfLink)
}
