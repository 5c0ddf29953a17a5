import { parseFlow, parseMacs } from '../../packet/flow.ts'
import { flowKey } from '../../packet/flow-key.ts'
import type { Rss } from './rss.ts'
import type { SteeringTable } from './steering.ts'
import { DISCARD } from './steering-rule.ts'

/** What a NIC decides about each received frame before it has copied a byte of it: flow key, hash, receive queue. */
export class QueueSelector {
  readonly steering: SteeringTable
  /** Context 0 is the device's own. */
  readonly contexts = new Map<number, Rss>()
  /** The flow key of the frame selected last. */
  readonly flow = flowKey()
  /** Its hash, 0 for what is not IP. */
  hash = 0
  /** Whether that covers ports. */
  hashCoversPorts = false
  private readonly rss: Rss

  constructor(rss: Rss, steering: SteeringTable) {
    this.rss = rss
    this.steering = steering
    this.contexts.set(0, rss)
  }

  /** The receive queue of the frame `u8[offset .. offset + length)`, or DISCARD. */
  select(u8: Uint8Array, offset: number, length: number): number {
    const { flow, rss, steering } = this
    parseFlow(u8, offset, length, flow)
    this.hash = rss.hash(flow)
    this.hashCoversPorts = rss.coversPorts(flow)
    if (steering.count === 0) return rss.queue(this.hash)
    if (steering.needsMacs) parseMacs(u8, offset, length, flow)
    const match = steering.match(flow)
    if (match < 0) return rss.queue(this.hash)
    const ring = steering.ring(match)
    const context = steering.context(match)
    if (ring === DISCARD || context < 0) return ring
    return this.queueOfContext(context, ring)
  }

  private queueOfContext(context: number, ring: number): number {
    const rss = this.contexts.get(context) ?? this.rss
    this.hash = rss.hash(this.flow)
    this.hashCoversPorts = rss.coversPorts(this.flow)
    return rss.queue(this.hash) + ring
  }
}
