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

/** Names of the reasons, by number. */
export const COPY_REASONS = Object.keys(COPY) as readonly (keyof typeof COPY)[]
const REASONS = COPY_REASONS.length

/** Bytes and number of copies by reason, altogether and by the device at which they were made. Exact up to 2^53. */
export class CopyMeter {
  readonly bytes = new Float64Array(REASONS)
  readonly copies = new Float64Array(REASONS)
  /** Pairs of bytes and copies: a row of reasons a place. */
  private rows = new Float64Array(2 * REASONS)
  private row = 0

  count(reason: CopyReason, length: number): void {
    this.bytes[reason] += length
    this.copies[reason] += 1
    const { rows } = this
    const i = this.row + 2 * reason
    rows[i] += length
    rows[i + 1] += 1
  }

  /** From now on it happens at a device, by its number; 0: at none. Gives where it happened before. */
  moveTo(place: number): number {
    const before = this.row
    this.row = place * 2 * REASONS
    if (this.row >= this.rows.length) this.grow()
    return before / (2 * REASONS)
  }

  /** What was counted at a device. */
  at(place: number, reason: number): { readonly bytes: number; readonly copies: number } {
    const i = place * 2 * REASONS + 2 * reason
    return { bytes: this.rows[i] ?? 0, copies: this.rows[i + 1] ?? 0 }
  }

  /** A device goes; its number will be another's. */
  forget(place: number): void {
    this.rows.fill(0, place * 2 * REASONS, (place + 1) * 2 * REASONS)
  }

  reset(): void {
    this.bytes.fill(0)
    this.copies.fill(0)
    this.rows.fill(0)
  }

  private grow(): void {
    const rows = new Float64Array(Math.max(this.row + 2 * REASONS, 2 * this.rows.length))
    rows.set(this.rows)
    this.rows = rows
  }
}
