import { RT_LINK } from '@netkit/netlink'
import type { Devices } from '../../devices/devices.ts'
import { type DeviceSelector, deviceText, placeOf, select } from '../../devices/selector.ts'
import type { Where } from '../../places/namespace.ts'
import type { Program } from '../files/program.ts'

/** Where an XDP program runs: in the driver, on packets that any driver has handed up, in the NIC. Default: in the driver if it can. */
export type XdpMode = 'native' | 'generic' | 'hardware'

export interface XdpTarget extends Where {
  readonly device: DeviceSelector
  readonly mode?: XdpMode
}

export interface AttachXdpOptions extends XdpTarget {
  /** Only if this program is there, whose place is taken. KernelError EEXIST: another one is, or none. */
  readonly replace?: Program
  /** Only if none is there: KernelError EBUSY. Default: one that is there is replaced. */
  readonly first?: boolean
}

export interface DetachXdpOptions extends XdpTarget {
  /** Only if this program is there: KernelError EEXIST. */
  readonly program?: Program
}

/** Source: uapi XDP_FLAGS_*. */
const FLAG = { first: 1, replace: 16 } as const
const MODE: Readonly<Record<XdpMode, number>> = { generic: 2, native: 4, hardware: 8 }

/** Flags of IFLA_XDP, and of links, that ask for a mode. */
export const xdpModeFlags = (mode: XdpMode | undefined): number => (mode === undefined ? 0 : MODE[mode])

/** Attaches an XDP program without a link: it stays until it is detached or the device goes. */
export function attachXdp(devices: Devices, program: Program, options: AttachXdpOptions): Promise<void> {
  const { device, first, replace } = options
  const flags = (first ? FLAG.first : 0) | (replace ? FLAG.replace : 0)
  return change(devices, `attach ${program.label} to ${deviceText(device)} xdp`, options, program.fd, flags, replace)
}

/** Takes away the XDP program of a device that no link holds. None there: nothing happens. */
export function detachXdp(devices: Devices, options: DetachXdpOptions): Promise<void> {
  const { device, program } = options
  const flags = program ? FLAG.replace : 0
  return change(devices, `detach xdp from ${deviceText(device)}`, options, -1, flags, program)
}

async function change(
  devices: Devices,
  op: string,
  { device, in: wanted, mode, signal }: XdpTarget,
  fd: number,
  flags: number,
  expected: Program | undefined,
): Promise<void> {
  const { ifindex, attrs } = select(op, 'device', device)
  const xdp = { fd, flags: flags | xdpModeFlags(mode), expectedFd: expected?.fd }
  await devices.places.with(placeOf(device, wanted), (scope) =>
    scope.routeCall(RT_LINK.setlink, 0, { ifindex }, { ...attrs, xdp }, { op, signal }),
  )
}
