import {
  ATTACH_FLAG,
  ATTACH_TYPE,
  type BPF_COMMANDS,
  CGROUP_ATTACH_TYPES,
  OTHER_ATTACH_TYPES,
  PROG_TYPE,
} from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import { CAP_NET_ADMIN, CAP_SYS_ADMIN } from '../../access/capability.ts'
import { capableIn } from '../../access/credentials.ts'
import { insertProgram } from '../attach/insert.ts'
import { attachPlace, hasLists, listAt, tidy } from '../attach/place.ts'
import { removeProgram } from '../attach/remove.ts'
import { xdpHook } from '../attach/xdp-hook.ts'
import type { BpfCall } from '../call/call.ts'
import { programAt } from '../call/files.ts'
import { relativeObject } from './relative.ts'
import { attachToHook } from './xdp-hook.ts'

type AttachCall = BpfCall<(typeof BPF_COMMANDS.progAttach)['attr']['members']>

const { replace, before, after, id, link } = ATTACH_FLAG
const LIST_FLAGS = replace | before | after | id | link
/** BPF_F_ALLOW_OVERRIDE, BPF_F_ALLOW_MULTI, BPF_F_PREORDER: of cgroups, but accepted where no list is meant. */
const CGROUP_FLAGS = 1 | 2 | 64

/** Whether a program can be named with that type: it has one that is loaded here, or somewhere else. */
const takesProgram = (call: AttachCall, type: number): boolean =>
  hasLists(call, type) || type === ATTACH_TYPE.xdp || CGROUP_ATTACH_TYPES.has(type) || OTHER_ATTACH_TYPES.has(type)

/** Whether what is attached there has an order. */
const isOrdered = (call: AttachCall, type: number): boolean => hasLists(call, type) || CGROUP_ATTACH_TYPES.has(type)

function flagsFor(call: AttachCall, type: number): number {
  if (hasLists(call, type)) return LIST_FLAGS
  return CGROUP_ATTACH_TYPES.has(type) ? LIST_FLAGS | CGROUP_FLAGS : replace | CGROUP_FLAGS
}

/** Source: spec 02 §2.4, in its order. */
export function attachProgram(call: AttachCall): number {
  const { attr, process } = call
  if (!takesProgram(call, attr.attachType)) return -errno.EINVAL
  if (xdpHook(call, attr.attachType)) return attachToHook(call)
  if ((attr.attachFlags & ~flagsFor(call, attr.attachType)) !== 0) return -errno.EINVAL
  if (!isOrdered(call, attr.attachType) && (attr.relative !== 0 || attr.expectedRevision !== 0n)) return -errno.EINVAL
  const program = programAt(process, attr.attachBpfFd, PROG_TYPE.schedCls)
  if (typeof program === 'number') return program
  const place = attachPlace(call, attr.targetIfindex, attr.attachType)
  if (typeof place === 'number') return place
  const replaces = (attr.attachFlags & replace) !== 0
  const old = replaces ? programAt(process, attr.replaceBpfFd, PROG_TYPE.schedCls) : undefined
  if (typeof old === 'number') return old
  const error = insertProgram(listAt(place), {
    program,
    old,
    flags: attr.attachFlags,
    relative: () => relativeObject(call.objects, process, attr.attachFlags, attr.relative),
    expectedRevision: attr.expectedRevision,
  })
  tidy(place)
  if (error !== 0) return error
  program.hold()
  old?.release()
  return 0
}

/** Source: spec 02 §2.7, in its order. */
export function detachProgram(call: AttachCall): number {
  const { attr, process } = call
  const type = xdpHook(call, attr.attachType) ? PROG_TYPE.xdp : PROG_TYPE.schedCls
  // What is detached by a cgroup's descriptor finds none here.
  const elsewhere = CGROUP_ATTACH_TYPES.has(attr.attachType)
  if (!elsewhere && !hasLists(call, attr.attachType)) return -errno.EINVAL
  if ((attr.attachFlags & ~flagsFor(call, attr.attachType)) !== 0) return -errno.EINVAL
  if (elsewhere) return -errno.EBADF
  const program = attr.attachBpfFd === 0 ? undefined : programAt(process, attr.attachBpfFd, type)
  if (typeof program === 'number') return program
  if (!program && !administersPrograms(call)) return -errno.EPERM
  const place = attachPlace(call, attr.targetIfindex, attr.attachType)
  if (typeof place === 'number') return place
  const entry = removeProgram(listAt(place), {
    program,
    flags: attr.attachFlags,
    relative: () => relativeObject(call.objects, process, attr.attachFlags, attr.relative),
    expectedRevision: attr.expectedRevision,
  })
  tidy(place)
  if (typeof entry === 'number') return entry
  entry.program.release()
  return 0
}

/** Who may take away, and look at, what others have attached. */
export function administersPrograms({
  kernel,
  process: { credentials },
}: Pick<BpfCall, 'kernel' | 'process'>): boolean {
  const ns = kernel.initialUserNs
  return capableIn(credentials, ns, CAP_NET_ADMIN) || capableIn(credentials, ns, CAP_SYS_ADMIN)
}
