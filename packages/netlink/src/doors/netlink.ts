import type { NamespaceHandle } from './namespaces.ts'

export interface NetlinkSocketOptions {
  /** NETLINK_ROUTE (0) or NETLINK_GENERIC (16). */
  readonly protocol: number
  /** The namespace that the socket belongs to for its whole life. Default: the client's own. */
  readonly namespace?: NamespaceHandle
  /** Wanted port id; EADDRINUSE if taken. Default: the client's pid, or a random one if that is taken. */
  readonly portId?: number
  /** Extended acknowledgements. Default: on. */
  readonly extAck?: boolean
  /** Leave the request's payload out of error messages. Default: off. */
  readonly capAck?: boolean
  /** Check GET requests strictly. Default: on. */
  readonly strict?: boolean
  /** Also hear notifications of namespaces that have an id in this one. Needs CAP_NET_BROADCAST. Default: off. */
  readonly listenAllNsid?: boolean
  /** Bytes that may wait unread before messages are lost (ENOBUFS). Default: 212992. */
  readonly receiveBuffer?: number
}

/** One datagram from the kernel: one or more messages. */
export interface Datagram {
  /** The reader's for good: a door never writes to them again, and decoded values may share them. */
  readonly bytes: Uint8Array
  /** The multicast group it was sent to; 0: sent to this socket alone. */
  readonly group: number
  /** With `listenAllNsid`: id, in the socket's namespace, of the namespace that the datagram comes from. */
  readonly nsid?: number
}

/** A netlink socket. Both kernels hand out the same one and both see real datagrams. */
export interface NetlinkDoor extends AsyncDisposable {
  readonly portId: number
  /** Resolves when the kernel has taken the datagram; answers come through `receive`. */
  send(datagram: Uint8Array): Promise<void>
  /** Datagrams in order, until `close`. Throws KernelError ENOBUFS, once, where some were lost; iterate again to go on. */
  receive(): AsyncIterable<Datagram>
  /** Subscribes to a multicast group by number. EINVAL if there is none. */
  join(group: number): Promise<void>
  leave(group: number): Promise<void>
  close(): Promise<void>
}
