import { ATTACH_FLAG, EXTENSION_ATTACH_TYPE } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import { CAP_NET_ADMIN } from '../../access/capability.ts'
import { capableIn } from '../../access/credentials.ts'
import type { DevicePrograms, RunnableProgram } from '../../net/device-programs.ts'
import type { ProgramList } from '../../net/program-list.ts'
import type { BpfCall } from '../call/call.ts'
import type { BpfProgram } from '../objects/program.ts'

/** Hooks of the extension `netkit-xdp` by attach type: lists with room for one program. */
const HOOKS: ReadonlyMap<number, keyof DevicePrograms> = new Map([
  [EXTENSION_ATTACH_TYPE.xdpNetkitEgress, 'xdpEgress'],
  [EXTENSION_ATTACH_TYPE.xdpNetkitInject, 'xdpInject'],
])
/** XDP_FLAGS_DRV_MODE, the one mode that links may ask for: these programs run in the driver. */
const DRIVER_MODE = 4

/** The hook that an attach type means; undefined if it means none, or the extension is off. */
export const xdpHook = ({ kernel }: Pick<BpfCall, 'kernel'>, attachType: number): keyof DevicePrograms | undefined =>
  kernel.extensions.has('netkit-xdp') ? HOOKS.get(attachType) : undefined

/** What is asked before the device is looked for: EPERM, and EINVAL of a program for another place. Source: spec 03 §8.3, rows 1 and 2. */
export function mayUseHook({ netns, process }: BpfCall, attachType: number, program: BpfProgram): number {
  if (!capableIn(process.credentials, netns.userNs, CAP_NET_ADMIN)) return -errno.EPERM
  return program.expectedAttachType === attachType ? 0 : -errno.EINVAL
}

/** A program that is to be put into a hook. */
interface Arrival {
  readonly program: BpfProgram
  /** ATTACH_FLAG, or of links flags of XDP. */
  readonly flags: number
  readonly isLink: boolean
  /** Whose place it is to take. */
  readonly old?: BpfProgram
}

/** What a hook refuses that lists do not: 0 or a negative errno. Source: spec 03 §8.3, rows 6 to 9. */
export function refuseAtHook(
  list: ProgramList<RunnableProgram> | undefined,
  { program, flags, isLink, old }: Arrival,
): number {
  if ((flags & ~(isLink ? DRIVER_MODE : ATTACH_FLAG.replace)) !== 0) return -errno.EINVAL
  if (program.boundTo !== undefined) return -errno.EINVAL
  const there = list?.entries[0]
  if (there?.link || (there && isLink)) return -errno.EBUSY
  return there?.program === old ? 0 : -errno.EEXIST
}

/** Whether a link's program can be replaced by another one. */
export const fitsHook = (list: keyof DevicePrograms, program: BpfProgram): boolean => {
  const isHook = list === 'xdpEgress' || list === 'xdpInject'
  return !isHook || (HOOKS.get(program.expectedAttachType) === list && program.boundTo === undefined)
}
