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

/** Words of a place: bytes and copies of each reason. */
const ROW = 2 * REASONS

/** Bytes and number of copies by reason and by the device at which they were made. Exact up to 2^53. */
export class CopyMeter {
  /** Number of the device at which what is counted happens; 0: at none. */
  place = 0
  private rows = new Float64Array(ROW)
  /** What was counted at devices that are gone. */
  private readonly gone = new Float64Array(ROW)

  count(reason: CopyReason, length: number): void {
    const i = this.place * ROW + 2 * reason
    if (i >= this.rows.length) this.grow()
    this.rows[i] += length
    this.rows[i + 1] += 1
  }

  /** What was counted at a device. */
  at(place: number, reason: number): { readonly bytes: number; readonly copies: number } {
    const i = place * ROW + 2 * reason
    return { bytes: this.rows[i] ?? 0, copies: this.rows[i + 1] ?? 0 }
  }

  /** Bytes copied altogether, by reason. */
  get bytes(): Float64Array {
    return this.sums(0)
  }

  /** Copies altogether, by reason. */
  get copies(): Float64Array {
    return this.sums(1)
  }

  private sums(word: number): Float64Array {
    const sums = new Float64Array(REASONS)
    for (const counts of [this.rows, this.gone]) {
      for (let i = word; i < counts.length; i += 2) sums[((i % ROW) / 2) | 0] += counts[i]
    }
    return sums
  }

  /** A device goes; its number will be another's. */
  forget(place: number): void {
    const row = this.rows.subarray(place * ROW, (place + 1) * ROW)
    for (const [i, counted] of row.entries()) this.gone[i] += counted
    row.fill(0)
  }

  reset(): void {
    this.rows.fill(0)
    this.gone.fill(0)
  }

  private grow(): void {
    const rows = new Float64Array(Math.max((this.place + 1) * ROW, 2 * this.rows.length))
    rows.set(this.rows)
    this.rows = rows
  }
}
