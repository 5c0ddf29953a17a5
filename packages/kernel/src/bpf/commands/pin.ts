import { type BPF_COMMANDS, MAP_FLAG } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { BpfCall } from '../call/call.ts'
import { accessOf } from '../call/files.ts'

type PinCall = BpfCall<(typeof BPF_COMMANDS.objPin)['attr']['members']>

/** Source: uapi linux/limits.h. */
const PATH_MAX = 4096
const PATH_FD = 0x4000
const OPEN_FLAGS = PATH_FD | MAP_FLAG.rdonly | MAP_FLAG.wronly
/** The only place of the embedded kernel's file system in which objects can be pinned. */
const ROOT = '/sys/fs/bpf/'

const decoder = new TextDecoder()

/** The path in bpffs that a call names, or a negative errno. */
function pathOf({ attr, memory }: PinCall): string | number {
  if ((attr.fileFlags & PATH_FD) !== 0) return -errno.EOPNOTSUPP
  if (attr.pathFd !== 0) return -errno.EINVAL
  const bytes = memory.text(attr.pathname, PATH_MAX)
  if (!bytes) return -errno.EFAULT
  const path = decoder.decode(bytes)
  if (!path.startsWith(ROOT)) return path.startsWith('/') ? -errno.EPERM : -errno.ENOENT
  return path.length === ROOT.length || path.endsWith('/') ? -errno.EISDIR : path
}

const PINNED: ReadonlySet<string> = new Set(['program', 'map', 'link'])

/** Gives an object a path that holds it. */
export function pinObject(call: PinCall): number {
  const { attr, process, objects } = call
  if ((attr.fileFlags & ~PATH_FD) !== 0) return -errno.EINVAL
  const file = process.files.get(attr.bpfFd)
  if (!file) return -errno.EBADF
  if (file.type !== 'bpf' || !PINNED.has(file.object.kind)) return -errno.EINVAL
  const path = pathOf(call)
  if (typeof path === 'number') return path
  return objects.pin(path, file.object) ? 0 : -errno.EEXIST
}

/** A descriptor for what is pinned under a path. */
export function openPinned(call: PinCall): number {
  const access = accessOf(call.attr.fileFlags)
  if (call.attr.bpfFd !== 0 || (call.attr.fileFlags & ~OPEN_FLAGS) !== 0) return -errno.EINVAL
  if (typeof access === 'number') return access
  const path = pathOf(call)
  if (typeof path === 'number') return path
  const object = call.objects.pins.get(path)
  return object ? call.process.openObject(object, access) : -errno.ENOENT
}
