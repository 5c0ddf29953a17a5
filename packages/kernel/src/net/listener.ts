import type { Credentials } from '../access/credentials.ts'
import type { Core } from './core.ts'
import type { Dump } from './dump.ts'
import type { NetNamespace } from './namespace.ts'
import type { Process } from './process.ts'

/** Whoever has asked something or subscribed to something: a netlink socket, as far as the rest of the kernel knows it. */
export interface Listener {
  readonly kernel: Core
  readonly ns: NetNamespace
  readonly portId: number
  readonly process: Process
  /** Who opened it. */
  readonly opener: Credentials
  /** GET requests are checked strictly. */
  readonly strict: boolean
  readonly extAck: boolean
  readonly capAck: boolean
  /** Puts a datagram into the receive queue; false where it was lost for want of room. */
  deliver(bytes: Uint8Array, group?: number, nsid?: number): boolean
  /** A notification did not fit into the receive buffer. */
  overrun(): void
  /** Begins a dump. Returns -EINTR, which says that no acknowledgement follows, or -EBUSY while another one runs. */
  startDump(dump: Dump): number
}
