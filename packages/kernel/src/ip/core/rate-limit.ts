import type { NetNamespace } from '../../net/namespace.ts'
import type { StackClock } from './clock.ts'

/** Errors that one destination may get at once. */
const BURST = 6
/** Destinations that are remembered; more share. */
const DESTINATIONS = 1024

/** How many ICMP errors may be sent: to one destination, and by a namespace altogether. Source: net.ipv4.icmp_ratelimit,
 *  icmp_msgs_per_sec and icmp_msgs_burst of Linux, as token buckets. */
export class RateLimits {
  readonly #clock: StackClock
  readonly #keys = new Int32Array(DESTINATIONS)
  /** Tokens are milliseconds. */
  readonly #tokens = new Float64Array(DESTINATIONS)
  readonly #last = new Float64Array(DESTINATIONS).fill(Number.NEGATIVE_INFINITY)

  constructor(clock: StackClock) {
    this.#clock = clock
  }

  /** Whether an error may go to `words[at ..]`; takes a token if so. `interval`: ms between two in the long run. */
  allow(ns: NetNamespace, words: Int32Array, at: number, interval: number): boolean {
    const now = this.#clock.look()
    if (!this.#allowNamespace(ns, now)) return false
    if (interval === 0) return true
    let key = ns.inode
    for (let i = 0; i < 4; i++) key = Math.imul(key ^ words[at + i], 0x9e3779b1) ^ (key >>> 13)
    const slot = (key ^ (key >>> 16)) & (DESTINATIONS - 1)
    const most = BURST * interval
    let tokens = this.#keys[slot] === key ? this.#tokens[slot] + now - this.#last[slot] : most
    if (tokens > most) tokens = most
    const allowed = tokens >= interval
    this.#keys[slot] = key
    this.#last[slot] = now
    this.#tokens[slot] = allowed ? tokens - interval : tokens
    return allowed
  }

  #allowNamespace({ settings }: NetNamespace, now: number): boolean {
    const earned = ((now - settings.icmpLast) * settings.icmpPerSecond) / 1000
    const tokens = Math.min(settings.icmpBurst, settings.icmpTokens + earned)
    settings.icmpLast = now
    settings.icmpTokens = tokens < 1 ? tokens : tokens - 1
    return tokens >= 1
  }
}
