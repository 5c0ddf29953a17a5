import { ATTACH_TYPE } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { DevicePrograms, RunnableProgram } from '../../net/device-programs.ts'
import { ProgramList } from '../../net/program-list.ts'
import type { BpfCall } from '../call/call.ts'
import type { LinkPlace } from '../objects/link.ts'
import { removeLink, updateLink } from './remove.ts'
import { fitsHook, xdpHook } from './xdp-hook.ts'

/** A device for whose programs somebody asks, and which of its lists. */
export interface AttachPlace {
  /** The device that runs them. */
  readonly dev: Device
  readonly list: keyof DevicePrograms
}

const NETKIT: ReadonlySet<number> = new Set([ATTACH_TYPE.netkitPrimary, ATTACH_TYPE.netkitPeer])
const TCX: ReadonlyMap<number, keyof DevicePrograms> = new Map([
  [ATTACH_TYPE.tcxIngress, 'tcxIngress'],
  [ATTACH_TYPE.tcxEgress, 'tcxEgress'],
])

/** Whether this kernel has programs attached there in lists. */
export const hasLists = (call: Pick<BpfCall, 'kernel'>, attachType: number): boolean =>
  NETKIT.has(attachType) || TCX.has(attachType) || xdpHook(call, attachType) !== undefined

/**
 * The place that an interface index and an attach type mean in a namespace, or a negative errno: EINVAL for a type without
 * lists, ENODEV, and what the device's driver refuses. Source: spec 02 §2.4, steps 5 to 10; spec 03 §8.3, rows 3 to 5.
 */
export function attachPlace(
  call: Pick<BpfCall, 'kernel' | 'netns'>,
  ifindex: number,
  attachType: number,
): AttachPlace | number {
  if (!hasLists(call, attachType)) return -errno.EINVAL
  const dev = call.netns.devices.get(ifindex)
  if (!dev) return -errno.ENODEV
  const xdp = xdpHook(call, attachType)
  if (xdp) {
    const refused = dev.driver.takesXdpHooks?.(dev) ?? -errno.ENXIO
    return refused === 0 ? { dev, list: xdp } : refused
  }
  const list = TCX.get(attachType)
  if (list) return { dev, list }
  const runner = dev.driver.netkitRunner?.(dev, attachType === ATTACH_TYPE.netkitPeer) ?? -errno.ENXIO
  return typeof runner === 'number' ? runner : { dev: runner, list: 'netkit' }
}

/** The list of a place, made if there was none. */
export function listAt({ dev, list }: AttachPlace): ProgramList<RunnableProgram> {
  dev.programs ??= {}
  dev.programs[list] ??= new ProgramList()
  return dev.programs[list]
}

/** tcx forgets a list with its last program; netkit's stays, with its revision. Source: spec 02 §2.8, §2.10. */
export function tidy({ dev, list }: AttachPlace): void {
  if (list !== 'netkit' && dev.programs?.[list]?.entries.length === 0) dev.programs[list] = undefined
}

/** The place of a link in a list of programs. */
export const inList = (place: AttachPlace, programs: ProgramList<RunnableProgram>): LinkPlace => ({
  dev: place.dev,
  replace: (link, program) => (fitsHook(place.list, program) ? updateLink(programs, link, program) : -errno.EINVAL),
  remove(link) {
    removeLink(programs, link)
    tidy(place)
  },
})
