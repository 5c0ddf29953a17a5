import { ATTACH_FLAG, ATTACH_TYPE, type BPF_COMMANDS, LINK_TYPE, PROG_TYPE } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import { insertProgram } from '../attach/insert.ts'
import { attachPlace, hasLists, inList, listAt, tidy } from '../attach/place.ts'
import { xdpHook } from '../attach/xdp-hook.ts'
import type { BpfCall } from '../call/call.ts'
import { linkAt, programAt } from '../call/files.ts'
import { createXdpLink } from './link-xdp.ts'
import { relativeObject } from './relative.ts'

export type CreateCall = BpfCall<(typeof BPF_COMMANDS.linkCreate)['attr']['members']>
type UpdateCall = BpfCall<(typeof BPF_COMMANDS.linkUpdate)['attr']['members']>
type DetachCall = BpfCall<(typeof BPF_COMMANDS.linkDetach)['attr']['members']>

const NETKIT: ReadonlySet<number> = new Set([ATTACH_TYPE.netkitPrimary, ATTACH_TYPE.netkitPeer])
/** A link has one program, which is not there yet: nothing can be replaced by making it. */
const NOTHING = { id: 0, type: PROG_TYPE.schedCls } as const

/** Attaches a program for as long as the link is held; the link's descriptor. Source: spec 02 §2.9. */
export function createLink(call: CreateCall): number {
  const { attr, process, objects } = call
  const program = programAt(process, attr.progFd)
  if (typeof program === 'number') return program
  if (program.type === PROG_TYPE.xdp) return createXdpLink(call, program)
  if (program.type !== PROG_TYPE.schedCls) return -errno.EINVAL
  if (!hasLists(call, attr.attachType) || xdpHook(call, attr.attachType)) return -errno.EINVAL
  const place = attachPlace(call, attr.targetIfindex, attr.attachType)
  if (typeof place === 'number') return place
  const type = NETKIT.has(attr.attachType) ? LINK_TYPE.netkit : LINK_TYPE.tcx
  const link = objects.makeLink(type, attr.attachType, program)
  const list = listAt(place)
  const error = insertProgram(list, {
    program,
    link,
    old: NOTHING,
    flags: attr.flags,
    relative: () => relativeObject(objects, process, attr.flags, attr.relative),
    expectedRevision: attr.expectedRevision,
  })
  if (error !== 0) {
    tidy(place)
    link.abandon()
    return error
  }
  link.place = inList(place, list)
  return process.openObject(objects.links.add(link))
}

/** Has a link run another program in the same place. Source: spec 02 §2.9, update. */
export function changeLink({ attr, process }: UpdateCall): number {
  if ((attr.flags & ~ATTACH_FLAG.replace) !== 0) return -errno.EINVAL
  const link = linkAt(process, attr.linkFd)
  if (typeof link === 'number') return link
  const program = programAt(process, attr.newProgFd)
  if (typeof program === 'number') return program
  const replaces = (attr.flags & ATTACH_FLAG.replace) !== 0
  if (!replaces && attr.oldProgFd !== 0) return -errno.EINVAL
  const old = replaces ? programAt(process, attr.oldProgFd) : undefined
  if (typeof old === 'number') return old
  if (!link.place) return -errno.ENOLINK
  if (old && old !== link.program) return -errno.EPERM
  const error = link.place.replace(link, program)
  if (error === 0) link.run(program)
  return error
}

/** Takes a link's program off its device; the link stays, without one. */
export function detachLink({ attr, process }: DetachCall): number {
  const link = linkAt(process, attr.linkFd)
  if (typeof link === 'number') return link
  link.detach()
  return 0
}
