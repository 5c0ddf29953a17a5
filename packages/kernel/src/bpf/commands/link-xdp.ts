import { ATTACH_TYPE, LINK_TYPE } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import { changeXdp, removeFromLink, replaceInLink, xdpMode } from '../../net/xdp-attach.ts'
import { xdpHook } from '../attach/xdp-hook.ts'
import type { BpfProgram } from '../objects/program.ts'
import type { CreateCall } from './link.ts'
import { linkToHook } from './xdp-hook.ts'

/** Attaches an XDP program for as long as the link is held; the link's descriptor. Source: spec 02 §7.3. */
export function createXdpLink(call: CreateCall, program: BpfProgram): number {
  const { attr, kernel, netns, objects, process } = call
  if (xdpHook(call, attr.attachType)) return linkToHook(call, program)
  if (attr.attachType !== ATTACH_TYPE.xdp) return -errno.EINVAL
  const dev = netns.devices.get(attr.targetIfindex)
  if (!dev) return -errno.EINVAL
  const link = objects.makeLink(LINK_TYPE.xdp, 0, program)
  const mode = xdpMode(dev, attr.flags)
  const refusal = changeXdp(kernel, dev, { flags: attr.flags, program, link })
  if (refusal) {
    link.abandon()
    return refusal.error
  }
  link.place = {
    dev,
    replace: (_link, next) => replaceInLink(kernel, dev, mode, link, next),
    remove: () => removeFromLink(kernel, dev, mode),
  }
  return process.openObject(objects.links.add(link))
}
