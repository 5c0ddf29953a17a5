import { MAP_FLAG } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { FileAccess, OpenObject, Process } from '../../net/process.ts'
import type { BpfBtf } from '../objects/btf.ts'
import type { BpfLink } from '../objects/link.ts'
import type { BpfMap } from '../objects/map.ts'
import type { BpfProgram } from '../objects/program.ts'

/** The object behind a descriptor; EBADF where nothing is open, EINVAL where something else is. */
export function objectAt(process: Process, fd: number, kind: OpenObject['kind']): OpenObject | number {
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

export function mapAt(process: Process, fd: number): BpfMap | number {
  const object = objectAt(process, fd, 'map')
  return typeof object === 'number' ? object : (object as BpfMap)
}

export function btfAt(process: Process, fd: number): BpfBtf | number {
  const object = objectAt(process, fd, 'btf')
  return typeof object === 'number' ? object : (object as BpfBtf)
}

/** What the flags of opening a map mean; EINVAL for both at once. Source: spec 02 §6.1. */
export function accessOf(flags: number): FileAccess | number {
  const rdonly = (flags & MAP_FLAG.rdonly) !== 0
  const wronly = (flags & MAP_FLAG.wronly) !== 0
  if (rdonly && wronly) return -errno.EINVAL
  if (rdonly) return 'read'
  return wronly ? 'write' : 'all'
}

/** Whether requests may read or write a map through a descriptor. */
export function mayAccess(process: Process, fd: number, map: BpfMap, what: 'read' | 'write'): boolean {
  const file = process.files.get(fd)
  if (file?.type !== 'bpf' || (what === 'write' && map.frozen)) return false
  return file.access === 'all' || file.access === what
}
