/** Why bytes of a packet were copied. A path that claims to copy nothing proves it by these counters. */
export const COPY = {
  /** From the wire into packet memory: what a NIC's DMA does. */
  wireIn: 0,
  /** From packet memory to the wire's other side. */
  wireOut: 1,
  /** A packet given by a program outside (a socket, a test, a TAP). */
  userIn: 2,
  /** A packet read by a program outside. */
  userOut: 3,
  /** Into a capture: leaves the packet itself alone. */
  capture: 4,
  /** A packet's own copy of a linear part that it shared with a clone. */
  unshare: 5,
  /** Fragments moved into the linear part. */
  linearize: 6,
  /** A linear part moved to a buffer with more room. */
  expand: 7,
  /** Headers only. */
  headers: 8,
  /** A zero-copy receiver given a packet whose payload is not in its memory. */
  fallback: 9,
  /** A frame that a program sends to several devices. */
  broadcast: 10,
  /** A program reads or writes many bytes at once, by a helper. */
  program: 11,
  /** To or from the UMEM of an AF_XDP socket in copy mode, or out of one where the frame goes elsewhere. */
  umem: 12,
} as const
export type CopyReason = (typeof COPY)[keyof typeof COPY]

const COPY_REASONS = Object.keys(COPY) as readonly (keyof typeof COPY)[]

/** Bytes and number of copies by reason. Exact up to 2^53. */
export class CopyMeter {
  readonly bytes = new Float64Array(COPY_REASONS.length)
  readonly copies = new Float64Array(COPY_REASONS.length)

  count(reason: CopyReason, length: number): void {
    this.bytes[reason] += length
    this.copies[reason] += 1
  }

  reset(): void {
    this.bytes.fill(0)
    this.copies.fill(0)
  }
}
