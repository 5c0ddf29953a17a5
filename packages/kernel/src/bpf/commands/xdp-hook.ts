import { ATTACH_FLAG, type BPF_COMMANDS, LINK_TYPE, PROG_TYPE } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import { attachPlace, inList, listAt } from '../attach/place.ts'
import { mayUseHook, refuseAtHook } from '../attach/xdp-hook.ts'
import type { BpfCall } from '../call/call.ts'
import { programAt } from '../call/files.ts'
import type { BpfProgram } from '../objects/program.ts'
import type { CreateCall } from './link.ts'

type AttachCall = BpfCall<(typeof BPF_COMMANDS.progAttach)['attr']['members']>

/** Attaches an XDP program to a hook of the extension `netkit-xdp`. Source: spec 03 §8.3, in its order. */
export function attachToHook(call: AttachCall): number {
  const { attr, process } = call
  const program = programAt(process, attr.attachBpfFd, PROG_TYPE.xdp)
  if (typeof program === 'number') return program
  const refused = mayUseHook(call, attr.attachType, program)
  if (refused !== 0) return refused
  const place = attachPlace(call, attr.targetIfindex, attr.attachType)
  if (typeof place === 'number') return place
  const replaces = (attr.attachFlags & ATTACH_FLAG.replace) !== 0
  const old = replaces ? programAt(process, attr.replaceBpfFd, PROG_TYPE.xdp) : undefined
  if (typeof old === 'number') return old
  const there = place.dev.programs?.[place.list]
  if (attr.expectedRevision !== 0n && attr.expectedRevision !== (there?.revision ?? 1n)) return -errno.ESTALE
  const unfit = refuseAtHook(there, { program, flags: attr.attachFlags, isLink: false, old })
  if (unfit !== 0) return unfit
  listAt(place).change([{ program, link: undefined }])
  program.hold()
  old?.release()
  return 0
}

/** The same for as long as the link is held; the link's descriptor. */
export function linkToHook(call: CreateCall, program: BpfProgram): number {
  const { attr, objects, process } = call
  const refused = mayUseHook(call, attr.attachType, program)
  if (refused !== 0) return refused
  const place = attachPlace(call, attr.targetIfindex, attr.attachType)
  if (typeof place === 'number') return place
  const unfit = refuseAtHook(place.dev.programs?.[place.list], { program, flags: attr.flags, isLink: true })
  if (unfit !== 0) return unfit
  const list = listAt(place)
  const link = objects.makeLink(LINK_TYPE.netkit, attr.attachType, program)
  list.change([{ program, link }])
  link.place = inList(place, list)
  return process.openObject(objects.links.add(link))
}
