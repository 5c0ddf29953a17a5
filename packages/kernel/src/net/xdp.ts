import type { Core } from './core.ts'
import type { Device } from './device.ts'
import type { RunnableProgram } from './device-programs.ts'
import type { Transmit } from './path.ts'
import type { ListedLink } from './program-list.ts'

/** Where XDP programs run: in the driver, on a packet that the driver has handed up, in the NIC. */
export type XdpMode = 'driver' | 'skb' | 'hardware'
export const XDP_MODES: readonly XdpMode[] = ['skb', 'driver', 'hardware']

/** A program that a device can run on what it receives. */
export interface XdpProgram extends RunnableProgram {
  /** It was loaded for one device only; null: that has gone. */
  readonly boundTo: Device | null | undefined
}

/** A program in one mode, and the link that put it there. */
export interface XdpSlot {
  readonly program: XdpProgram
  readonly link: ListedLink | undefined
}

/** The XDP programs of a device. Source: spec 02 §7.2. */
export type DeviceXdp = { [Mode in XdpMode]?: XdpSlot }

/** Why a device does not take a program: a negative errno, and what the kernel says. */
export interface XdpRefusal {
  readonly error: number
  readonly text?: string
}

/** What a driver does about XDP programs. */
export interface XdpHooks {
  /** Runs a program from now on, or none; `before`: what it has run until now. */
  set(
    kernel: Core,
    dev: Device,
    program: XdpProgram | undefined,
    before: XdpProgram | undefined,
  ): XdpRefusal | undefined
  /** The text with which it refuses to run a program in hardware: none does. */
  readonly noOffload?: string
  /** Sends frames that were redirected to the device, at most 16. Absent: it takes none. */
  readonly transmit?: Transmit
  /** Whether it takes frames now. Absent: always. */
  takesFrames?(dev: Device): boolean
}

/** Whether a device runs a program that wants packets in one piece, in one of these modes. */
export const runsSingleBuffer = (dev: Device, modes: readonly XdpMode[] = XDP_MODES): boolean =>
  modes.some((mode) => dev.xdp?.[mode]?.program.takesFragments === false)
