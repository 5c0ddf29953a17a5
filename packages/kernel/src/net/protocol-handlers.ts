import type { Device } from './device.ts'

/** Who takes received packets, by their ethertype. Each takes a packet over; its data begins behind the link-layer header. */
export interface ProtocolHandlers {
  /** Packets come that arrived together. */
  begin(): void
  ip(dev: Device, handle: number): void
  ipv6(dev: Device, handle: number): void
  arp(dev: Device, handle: number): void
  /** No more packets come for now: what was put off is done. */
  done(): void
}
