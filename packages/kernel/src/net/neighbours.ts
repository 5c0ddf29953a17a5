import type { Device } from './device.ts'

/** IP's way out of devices, for programs: addresses are four words, those of IPv4 as ::ffff:a.b.c.d. */
export interface Neighbours {
  /**
   * Sends a packet, whose data begins with its IP header, out of `dev`: to a next hop (AF_INET or AF_INET6, and its address),
   * or to that of the route to its destination. Takes the packet, and counts what it drops. 0, a transmit code or a negative errno.
   */
  output(dev: Device, handle: number, family: number, nextHop: Uint8Array | undefined): number
  /** Under which address a neighbour is reached; undefined if that is not known now. */
  hardwareAddress(dev: Device, address: Int32Array): Uint8Array | undefined
  /** Finds the address to speak from to another one behind `dev`; false: there is none, and `to` is zeros. */
  source(dev: Device, address: Int32Array, to: Int32Array): boolean
}
