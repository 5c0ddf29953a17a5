import type { Device } from './device.ts'
import type { Neighbours } from './neighbours.ts'

/** Flags of a redirect: those that programs pass, and how the helper that noted it differs. Source: spec 02 §1.8. */
export const REDIRECT_INGRESS = 1
export const REDIRECT_EGRESS = 2
export const REDIRECT_PEER = 1 << 16
export const REDIRECT_NEIGHBOUR = 1 << 17
export const REDIRECT_NEXT_HOP = 1 << 18

/** Bytes of `struct bpf_redir_neigh`: a u32 family and an address of up to 16 bytes. */
export const NEXT_HOP_BYTES = 20

/** Answer of {@link Redirects.follow}: the packet is to be received once more, at `Redirects.again`. */
export const RECEIVE_AGAIN = 0x100

/**
 * Where redirected packets go. What helpers note is the kernel's, not the packet's nor the program's: it stays until a verdict
 * takes it, whoever gives that. Source: spec 02 §1.8.
 */
export interface Redirects {
  /** Who sends to neighbours; undefined without IP. */
  readonly neighbours: Neighbours | undefined
  /** Ifindex of the target, in the namespace where the program runs; 0 none. */
  target: number
  flags: number
  readonly nextHop: Uint8Array
  /** A packet sets out, at a depth of `depth` transmissions: nothing is noted any more, unless it does so on the way of another one. */
  begin(depth: number): void
  /** Where the last packet is received again. */
  again: Device | undefined
  /**
   * Sends a packet where the last helper said. `dev`: where the program ran. The packet is taken, except with RECEIVE_AGAIN; else 0, a
   * transmit code or a negative errno.
   */
  follow(dev: Device, handle: number): number
  /** Sends a packet, which is at `dev`, to another device's egress, or with REDIRECT_INGRESS its ingress. As `follow`. */
  send(dev: Device, to: Device, handle: number, flags: number): number
  /** Sends a copy of a packet, which stays. A negative errno or a transmit code. */
  sendClone(dev: Device, handle: number, ifindex: number, flags: number): number
}
