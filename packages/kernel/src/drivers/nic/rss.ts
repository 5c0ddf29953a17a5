import { errno } from '@netkit/netlink'
import * as layout from '../../packet/flow-key.ts'
import { randomRssKey, Toeplitz } from './toeplitz.ts'

// Engines fold constants of the own module, not imported ones.
const { KEY_TYPES, FLOW_IP4, FLOW_IP6, FLOW_TCP4, FLOW_UDP4, FLOW_SCTP4, FLOW_TCP6, FLOW_UDP6, FLOW_SCTP6 } = layout
const IP4 = 1 << FLOW_IP4
const IP6 = 1 << FLOW_IP6
const WITH_PORTS =
  (1 << FLOW_TCP4) | (1 << FLOW_UDP4) | (1 << FLOW_SCTP4) | (1 << FLOW_TCP6) | (1 << FLOW_UDP6) | (1 << FLOW_SCTP6)

/** Parts that a hash covers, by flow type. Source: uapi RXH_IP_SRC, RXH_IP_DST, RXH_L4_B_0_1, RXH_L4_B_2_3. */
export const HASH_ADDRESSES = 0x30
export const HASH_ADDRESSES_PORTS = 0xf0

/** Entries of the indirection table. */
export const RSS_TABLE_SIZE = 128

/** A refused setting: errno, positive, and the extended-ack text where there is one. */
export interface Refusal {
  readonly errno: number
  readonly message?: string
}

/** Receive-side scaling: which queue a flow goes to. Knows nothing of leases: the administrator keeps a leased queue out of
 *  the table. Source: spec 03 §6.1. */
export class Rss {
  /** Queue by the low bits of the hash. */
  readonly table = new Int32Array(RSS_TABLE_SIZE)
  /** Whether the table was chosen by the user; then a change of the queue count does not touch it. */
  userSet = false
  private toeplitz: Toeplitz
  /** Flow types (a bit each) whose ports count. */
  private ports = WITH_PORTS

  /** @param random source of the key's bytes, such as the world's. */
  constructor(random: () => number, queues: number) {
    this.toeplitz = new Toeplitz(randomRssKey(random))
    this.reset(queues)
  }

  get key(): Uint8Array {
    return this.toeplitz.key
  }

  /** @param key 40 bytes; EINVAL otherwise. */
  setKey(key: Uint8Array): Refusal | undefined {
    if (key.length !== this.toeplitz.key.length) return { errno: errno.EINVAL }
    this.toeplitz = new Toeplitz(key)
    return undefined
  }

  /** Back to the default, entry i = i mod queues. */
  reset(queues: number): void {
    this.userSet = false
    for (let i = 0; i < RSS_TABLE_SIZE; i++) this.table[i] = i % queues
  }

  /** The number of queues has changed; the caller has made sure that a table set by the user still fits. */
  resize(queues: number): void {
    if (!this.userSet) this.reset(queues)
  }

  /** `equal`: spreads over the first `queues` of `available` queues. */
  setEqual(queues: number, available: number): Refusal | undefined {
    if (queues < 1) return { errno: errno.EINVAL }
    return this.setTable(
      Array.from({ length: RSS_TABLE_SIZE }, (_, i) => i % queues),
      available,
    )
  }

  /** Sets all entries. As many as the table has, or a divisor of that, then repeated. Changes nothing when refused. */
  setTable(entries: ArrayLike<number>, available: number): Refusal | undefined {
    const count = entries.length
    if (count < 1 || RSS_TABLE_SIZE % count !== 0) return { errno: errno.EINVAL }
    for (let i = 0; i < count; i++) {
      const queue = entries[i]
      if (!(queue >= 0 && queue < available)) {
        return { errno: errno.EINVAL, message: `entry ${i}: queue out of range (${queue})` }
      }
    }
    for (let i = 0; i < RSS_TABLE_SIZE; i++) this.table[i] = entries[i % count]
    this.userSet = true
    return undefined
  }

  /** Highest queue in the table. */
  get highest(): number {
    return this.table.reduce((most, queue) => Math.max(most, queue), 0)
  }

  /** HASH_ADDRESSES or HASH_ADDRESSES_PORTS of a flow type (FLOW_*). */
  hashFields(flowType: number): number {
    return ((this.ports >> flowType) & 1) === 1 ? HASH_ADDRESSES_PORTS : HASH_ADDRESSES
  }

  /** Whether ports of a flow type count. EINVAL for other parts, and for ports of a type that has none. */
  setHashFields(flowType: number, fields: number): Refusal | undefined {
    const bit = 1 << flowType
    if (fields === HASH_ADDRESSES) this.ports &= ~bit
    else if (fields === HASH_ADDRESSES_PORTS && (WITH_PORTS & bit) !== 0) this.ports |= bit
    else return { errno: errno.EINVAL }
    return undefined
  }

  /** Hash of a parsed frame, a signed 32-bit number; 0 for what is not IP. */
  hash(flow: Int32Array): number {
    const types = flow[KEY_TYPES]
    const withPorts = (types & this.ports) !== 0
    if ((types & IP4) !== 0) return withPorts ? this.toeplitz.ip4Ports(flow) : this.toeplitz.ip4(flow)
    if ((types & IP6) !== 0) return withPorts ? this.toeplitz.ip6Ports(flow) : this.toeplitz.ip6(flow)
    return 0
  }

  /** Whether {@link hash} covers the ports of this frame. */
  coversPorts(flow: Int32Array): boolean {
    return (flow[KEY_TYPES] & this.ports) !== 0
  }

  /** The queue for a hash. */
  queue(hash: number): number {
    return this.table[hash & (RSS_TABLE_SIZE - 1)]
  }
}
