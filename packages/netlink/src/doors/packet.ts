import type { NamespaceHandle } from './namespaces.ts'

export interface CaptureOptions {
  readonly namespace?: NamespaceHandle
  /** Names of devices. Default: all of the namespace, also those that come later. */
  readonly devices?: readonly string[]
  /** Bytes kept of each frame. Default: 262144. */
  readonly snapLength?: number
  /** Devices of all namespaces; those of others are called `NAMESPACE/DEV` where theirs has a name. Default: false. */
  readonly everywhere?: boolean
  /** Only frames that a filter of pcap-filter(7) lets through. EINVAL if it cannot be understood. Default: all. */
  readonly filter?: string
  /**
   * Also what programs did, as comments: where, which program, its verdict and what it changed. A frame that the filter once let through
   * is followed then, whatever becomes of it. Default: false.
   */
  readonly programs?: boolean
  /** Also frames that were dropped, with the reason as comment. Default: true. */
  readonly drops?: boolean
}

/** A running capture: pcapng bytes, one interface block a device. */
export interface Capture extends AsyncDisposable {
  /** Chunks of a pcapng file, until `close`. Each begins and ends at a block. */
  read(): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

/** Frames sent and seen on devices, as AF_PACKET sockets do. */
export interface PacketDoor {
  capture(options?: CaptureOptions): Promise<Capture>
  /** Transmits frames on a device, beginning with their Ethernet headers. Returns how many the device took. ENODEV, ENETDOWN. */
  transmit(device: string, frames: readonly Uint8Array[], namespace?: NamespaceHandle): Promise<number>
}
