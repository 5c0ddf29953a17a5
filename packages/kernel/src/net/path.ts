import type { PacketBatch } from '../packet/batch.ts'
import type { Packets } from '../packet/packets.ts'
import type { Device } from './device.ts'
import type { PacketPrograms } from './device-programs.ts'
import type { Poller } from './poller.ts'
import type { Redirects } from './redirect.ts'
import type { XdpPath } from './xdp-run.ts'

/** The way of packets between devices, as drivers see it. Who is given a packet frees it, drops it or hands it on. */
export interface PacketPath {
  readonly packets: Packets
  /** Runs programs over packets. */
  readonly programs: PacketPrograms
  /** Sends packets where programs want them. */
  readonly redirects: Redirects
  /** Runs XDP programs for drivers. */
  readonly xdp: XdpPath
  /** Sends packets out of a device, with everything that comes before its driver. Empties the batch. */
  transmit(dev: Device, batch: PacketBatch): void
  /** Packets have arrived at a device: taps, then whoever handles their protocol. Empties the batch. */
  receive(dev: Device, batch: PacketBatch): void
  /** Puts a packet into the backlog, to be received by `dev` later. False if there is no room or the device is down; the packet
   *  is dropped then and counted at the device. */
  enqueue(dev: Device, handle: number): boolean
  /**
   * Drops a packet for a reason of packet/drop-reason.ts. Counters of devices are the caller's business. `because`: what a
   * capture says of it instead of the reason.
   */
  drop(dev: Device, handle: number, reason: number, because?: string): void
}

/** The way of packets for those who have to come back to it. */
export interface PollingPath extends PacketPath {
  /** Has something polled soon. */
  schedule(poller: Poller): void
}

/** A driver's part in it. `batch` is emptied. Source: spec 02 §1.3. */
export type Transmit = (path: PacketPath, dev: Device, batch: PacketBatch) => void
