import type { Device } from '../net/device.ts'
import type { PollingPath } from '../net/path.ts'

/** The way of packets as XDP needs it. */
export interface XdpHostPath extends PollingPath {
  /** Hands a packet to a driver, past captures and programs at its egress. False if transmissions are nested too deeply: it is dropped. */
  transmitDirect(dev: Device, handle: number): boolean
}
