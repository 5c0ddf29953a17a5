import type { Device } from '../net/device.ts'
import type { PacketPath } from '../net/path.ts'
import type { Poller } from '../net/poller.ts'

/** The way of packets as XDP needs it. */
export interface XdpHostPath extends PacketPath {
  /** Hands a packet to a driver, past captures and programs at its egress. False if transmissions are nested too deeply: it is dropped. */
  transmitDirect(dev: Device, handle: number): boolean
  /** Has something polled soon. */
  schedule(poller: Poller): void
}
