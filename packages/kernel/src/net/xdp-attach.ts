import { ATTACH_TYPE } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { Core } from './core.ts'
import type { Device } from './device.ts'
import { disableLro } from './features.ts'
import type { ListedLink } from './program-list.ts'
import { XDP_MODES, type XdpMode, type XdpProgram, type XdpRefusal } from './xdp.ts'
import { installXdp } from './xdp-install.ts'

/** Source: uapi XDP_FLAGS_*. */
export const XDP_FLAG = { noExist: 1, skb: 2, driver: 4, hardware: 8, replace: 16 } as const
export const XDP_MODE_FLAGS = XDP_FLAG.skb | XDP_FLAG.driver | XDP_FLAG.hardware

/** What is asked of a device. */
export interface XdpChange {
  /** XDP_FLAG. */
  readonly flags: number
  /** Absent: take away what is there. */
  readonly program: XdpProgram | undefined
  /** The link that is made for it. */
  readonly link?: ListedLink
  /** With REPLACE: what has to be there; absent: nothing. */
  readonly expected?: XdpProgram
}

const refused = (code: number, text: string): XdpRefusal => ({ error: -code, text })

/** More than one mode is asked for. */
export const isAmbiguous = (flags: number): boolean =>
  [XDP_FLAG.skb, XDP_FLAG.driver, XDP_FLAG.hardware].filter((mode) => (flags & mode) !== 0).length > 1

/** The mode that flags mean: without any, in the driver if it can. */
export function xdpMode(dev: Device, flags: number): XdpMode {
  if ((flags & XDP_FLAG.hardware) !== 0) return 'hardware'
  if ((flags & XDP_FLAG.driver) !== 0) return 'driver'
  if ((flags & XDP_FLAG.skb) !== 0) return 'skb'
  return dev.driver.xdp ? 'driver' : 'skb'
}

/** Attaches, replaces or removes the XDP program of one mode. Source: spec 02 §7.3, in its order. */
export function changeXdp(kernel: Core, dev: Device, change: XdpChange): XdpRefusal | undefined {
  const { flags, program, link, expected } = change
  if (link && (flags & ~XDP_MODE_FLAGS) !== 0) return { error: -errno.EINVAL }
  if (isAmbiguous(flags)) return { error: -errno.EINVAL }
  const modes = XDP_MODES.filter((mode) => dev.xdp?.[mode])
  if ((flags & XDP_MODE_FLAGS) === 0 && modes.length > 1) {
    return refused(errno.EINVAL, 'More than one program loaded, unset mode is ambiguous')
  }
  const mode = xdpMode(dev, flags)
  const slot = dev.xdp?.[mode]
  if (slot?.link) return refused(errno.EBUSY, "Can't replace active BPF XDP link")
  if (link && slot) return refused(errno.EBUSY, "Can't replace active XDP program with BPF link")
  if ((flags & XDP_FLAG.replace) !== 0 && slot?.program !== expected) {
    return refused(errno.EEXIST, 'Active program does not match expected')
  }
  const unfit = program && checkNew(dev, mode, program, (flags & XDP_FLAG.noExist) !== 0)
  if (unfit) return unfit
  if (program !== slot?.program) {
    const failed = installXdp(kernel, dev, mode, program)
    if (failed) return failed
  }
  setSlot(kernel, dev, mode, program, link)
  if (mode === 'skb' && program && !slot) disableLro(kernel, dev)
  return undefined
}

/** What speaks against a program that is not asked to go. */
function checkNew(dev: Device, mode: XdpMode, program: XdpProgram, mustBeFirst: boolean): XdpRefusal | undefined {
  if (mustBeFirst && dev.xdp?.[mode]) return refused(errno.EBUSY, 'XDP program already attached')
  if (mode !== 'skb' && !dev.driver.xdp) {
    return refused(errno.EOPNOTSUPP, 'Underlying driver does not support XDP in native mode')
  }
  if (mode !== 'hardware' && dev.xdp?.[mode === 'skb' ? 'driver' : 'skb']) {
    return refused(errno.EEXIST, "Native and generic XDP can't be active at the same time")
  }
  const bound = checkBinding(dev, mode, program)
  if (bound) return bound
  for (const [type, name] of [
    [ATTACH_TYPE.xdpDevmap, 'BPF_XDP_DEVMAP'],
    [ATTACH_TYPE.xdpCpumap, 'BPF_XDP_CPUMAP'],
  ] as const) {
    if (program.expectedAttachType === type) {
      return refused(errno.EINVAL, `${name} programs can not be attached to a device`)
    }
  }
  return undefined
}

function checkBinding(dev: Device, mode: XdpMode, { boundTo }: XdpProgram): XdpRefusal | undefined {
  if (boundTo === undefined) return undefined
  if (boundTo !== dev) return refused(errno.EINVAL, 'Program bound to different device')
  if (mode !== 'skb') return undefined
  return refused(errno.EINVAL, "Can't attach device-bound programs in generic mode")
}

/** Has a mode hold a program, with its link if there is one, or nothing. A link holds its program itself. */
function setSlot(
  kernel: Core,
  dev: Device,
  mode: XdpMode,
  program: XdpProgram | undefined,
  link: ListedLink | undefined,
): void {
  const before = dev.xdp?.[mode]
  if (program && !link) program.hold()
  if (before && !before.link) before.program.release()
  dev.xdp = { ...dev.xdp, [mode]: program && { program, link } }
  kernel.changes++
}

/** Has a link's slot run another program; 0 or a negative errno. */
export function replaceInLink(kernel: Core, dev: Device, mode: XdpMode, link: ListedLink, program: XdpProgram): number {
  const before = dev.xdp?.[mode]?.program
  if (!before || before.type !== program.type || before.expectedAttachType !== program.expectedAttachType) {
    return -errno.EINVAL
  }
  if (before === program) return 0
  const failed = checkBinding(dev, mode, program) ?? installXdp(kernel, dev, mode, program)
  if (failed) return failed.error
  setSlot(kernel, dev, mode, program, link)
  return 0
}

/** Takes away what a link has put there. */
export function removeFromLink(kernel: Core, dev: Device, mode: XdpMode): void {
  installXdp(kernel, dev, mode, undefined)
  setSlot(kernel, dev, mode, undefined, undefined)
}

/** A device goes: programs are let go of, links have lost their place. */
export function removeXdp(kernel: Core, dev: Device): void {
  for (const mode of XDP_MODES) {
    const slot = dev.xdp?.[mode]
    if (!slot) continue
    installXdp(kernel, dev, mode, undefined)
    setSlot(kernel, dev, mode, undefined, undefined)
    slot.link?.lost()
  }
}
