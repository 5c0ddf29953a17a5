import type { Device } from '../../net/device.ts'
import type { NetNamespace } from '../../net/namespace.ts'

/** Where the addresses of a flow stand in its words. */
export const SRC = 0
export const DST = 4

/** A question to routing and its answer. Reused; whoever asks copies what it needs for longer. */
export class Flow {
  /** Source and destination, see address.ts. */
  readonly words = new Int32Array(8)
  v6 = false
  mark = 0
  tos = 0
  /** Ifindex of the device that it must leave by, or came in by; 0 any. */
  oif = 0
  iif = 0
  protocol = 0

  /** Answer: 0 or the errno of why there is no way. */
  error = 0
  /** RTN_*. */
  type = 0
  dev: Device | undefined
  /** The next hop on the link, see address.ts: the gateway, else the destination. */
  readonly hop = new Int32Array(4)
  /** The source address that belongs to the route; valid after an output lookup. */
  readonly source = new Int32Array(4)
  /** Largest packet: the route's, else the device's. */
  mtu = 0
  /** The destination is the broadcast address of a link. */
  get broadcast(): boolean {
    return this.type === 3
  }
}

/** What the stack asks of addresses and routes. */
export interface Routing {
  /** Where a received packet goes. `flow.iif` is the device it came in by. Fills in the answer. */
  input(ns: NetNamespace, flow: Flow): void
  /** Where a packet of our own goes. Chooses the source address if it is not given. Fills in the answer. */
  output(ns: NetNamespace, flow: Flow): void
  /** RTN_* of an address as the namespace sees it; `dev`: as that device sees it. */
  typeOf(ns: NetNamespace, words: Int32Array, at: number, dev?: Device): number
  /** Whether packets to a multicast group are for this host, when they come in by the device. */
  hasGroup(dev: Device, words: Int32Array, at: number): boolean
  /** An address of the device to speak from, for a target; false if it has none. `linkLocal`: IPv6, of that scope. */
  addressOf(dev: Device, v6: boolean, target: Int32Array, at: number, into: Int32Array): boolean
}
