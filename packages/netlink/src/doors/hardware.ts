import type { Fault } from './fault.ts'
import type { ImpairmentInfo, ImpairmentOptions, WireDirection } from './impairment.ts'
import type { NamespaceHandle } from './namespaces.ts'
import type { TapOptions } from './tap.ts'

/** Where the frames of a wire come from or go to: bytes of a pcap or pcapng file, or a file's path where there are files. */
export type CaptureSource = Uint8Array | { readonly path: string }
export type CaptureSink = ((chunk: Uint8Array) => void) | { readonly path: string }

/** What is at the other end of a NIC's cable. */
export type WireOptions =
  /** A recording is received; what the NIC transmits is recorded. `pace`: as fast as possible, or by the timestamps. */
  | {
      readonly kind: 'capture'
      readonly from?: CaptureSource
      readonly to?: CaptureSink
      readonly pace?: 'full' | 'timestamps'
    }
  /** Another NIC, by its id: two NICs back to back. */
  | { readonly kind: 'nic'; readonly id: number }
  /** A TAP interface of the machine: what it sends there arrives here, and the other way round. */
  | (TapOptions & { readonly kind: 'tap' })
  /** A function takes each transmitted frame; frames are received through `inject`. In process only. */
  | { readonly kind: 'function'; readonly transmit: (frame: Uint8Array) => void }

/**
 * What kind of NIC it is. `nic`: it maps memory of applications, so that queues can have memory providers and zero-copy AF_XDP;
 * it hashes and steers. `netdevsim`: Linux's test NIC, without all of that; a kernel that is asked about it answers as Linux.
 */
export const NIC_MODELS = ['nic', 'netdevsim'] as const
export type NicModel = (typeof NIC_MODELS)[number]

export interface NicOptions {
  /** Default: `nic`. */
  readonly model?: NicModel
  /** Rx and tx queues, all of them combined channels. 1 to 1024. Default: 1. */
  readonly queues?: number
  /** Interface name or template. Default: `eth%d`. */
  readonly name?: string
  /** Hardware address. Default: a random one. */
  readonly address?: string
  /** Instance number on its bus. Default: the lowest free one, from 1. EEXIST or ENOSPC if taken. */
  readonly id?: number
  readonly namespace?: NamespaceHandle
  readonly wire?: WireOptions
}

export interface NicInfo {
  readonly id: number
  readonly ifindex: number
  readonly name: string
}

/** How far a wire that plays a recording has got. */
export interface WireProgress {
  /** Frames and bytes delivered to the NIC so far. */
  readonly frames: number
  readonly bytes: number
  /** Frames and bytes that the NIC transmitted onto the wire. */
  readonly sentFrames: number
  readonly sentBytes: number
  /** Whether the recording has been played to its end. */
  readonly finished: boolean
}

/** The machine room: NICs are plugged in and pulled out, cables connected. A kernel without it has only the hardware it has. */
export interface HardwareDoor {
  addNic(options: NicOptions): Promise<NicInfo>
  /** Pulls a NIC out, as a hot-unplug would. ENOENT for an unknown id. */
  removeNic(id: number): Promise<void>
  listNics(): Promise<readonly NicInfo[]>
  /** Connects a cable, replacing the one there was; undefined unplugs it. */
  connectWire(id: number, wire: WireOptions | undefined): Promise<void>
  /** Starts playing a recording into the NIC; resolves when it has been played, or `frames` of it. */
  play(id: number, options?: { readonly frames?: number; readonly loop?: number }): Promise<WireProgress>
  progress(id: number): Promise<WireProgress>
  /** Takes the link of a connected cable away, or brings it back. EINVAL where no cable is connected. */
  setLink(id: number, up: boolean): Promise<void>
  /**
   * Restarts one receive queue: its memory is given back and had anew, other queues go on, counters stay. EINVAL for a queue
   * that is not in use, ENETDOWN while the NIC is down.
   */
  restartQueue(id: number, queue: number): Promise<void>
  /**
   * Impairs one direction of a NIC's wire, whichever is connected, in place of the impairment there was; undefined ends it. Frames
   * that were held back are lost. EINVAL for a setting out of its range.
   */
  impair(id: number, direction: WireDirection, options: ImpairmentOptions | undefined): Promise<void>
  /** The impairments of a NIC's wire, with what they have done so far. */
  impairments(id: number): Promise<{ readonly [D in WireDirection]?: ImpairmentInfo }>
  /** Has something go wrong. Faults that were not due yet end with the kernel process. EINVAL, or ENOENT for an unknown NIC. */
  fault(fault: Fault): Promise<void>
  /** Faults that are still to come, `nth` and `times` counted from now, `ms` what is left. */
  faults(): Promise<readonly Fault[]>
  clearFaults(): Promise<void>
  /** Delivers frames to a NIC as if they had arrived on its cable. Returns how many it took. */
  inject(id: number, frames: readonly Uint8Array[]): Promise<number>
}
