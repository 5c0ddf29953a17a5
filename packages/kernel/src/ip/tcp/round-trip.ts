/** Milliseconds. Sources: RFC 6298 §2, with the bounds of Linux. */
const FIRST_RTO = 1000
const LEAST_RTO = 200
const MOST_RTO = 120_000
/** Time for which the smallest round trip counts, µs. */
const LEAST_WINDOW = 300_000_000

/** How long a segment and its acknowledgement take. Source: RFC 6298. */
export class RoundTrip {
  /** Microseconds; 0: not measured yet. */
  smoothed = 0
  variance = 0
  least = 0
  #leastAt = 0
  /** Milliseconds until something is sent again. */
  timeout = FIRST_RTO
  /** How often that was doubled since something arrived. */
  backoff = 0

  /** A measurement at `now`, both in microseconds. */
  measure(rtt: number, now: number): void {
    const sample = Math.max(1, rtt)
    if (this.least === 0 || sample <= this.least || now - this.#leastAt > LEAST_WINDOW) {
      this.least = sample
      this.#leastAt = now
    }
    if (this.smoothed === 0) {
      this.smoothed = sample
      this.variance = sample / 2
    } else {
      this.variance += (Math.abs(this.smoothed - sample) - this.variance) / 4
      this.smoothed += (sample - this.smoothed) / 8
    }
    this.backoff = 0
    this.#setTimeout()
  }

  #setTimeout(): void {
    const ms = this.smoothed / 1000 + Math.max(LEAST_RTO, this.variance / 250)
    this.timeout = Math.min(MOST_RTO, ms)
  }

  /** Something arrived that could not be measured: the timeout is what it was before it was doubled. */
  arrived(): void {
    if (this.backoff === 0) return
    this.backoff = 0
    if (this.smoothed > 0) this.#setTimeout()
  }

  /** Milliseconds until the next repetition, doubled as often as there were some. */
  get next(): number {
    return Math.min(MOST_RTO, this.timeout * 2 ** Math.min(this.backoff, 20))
  }
}
