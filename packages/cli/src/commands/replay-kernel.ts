/** Who sends a request: the requester of recordings. Absent: root with all capabilities. */
export type Requester = 'user' | 'nocap' | 'send-user' | 'send-nocap'

export interface ReplaySocketOptions {
  /** NETLINK_ROUTE (0) or NETLINK_GENERIC (16). */
  readonly protocol: number
  readonly portId: number
  readonly extAck: boolean
  readonly capAck: boolean
  readonly strict: boolean
  readonly as: Requester | undefined
}

/** A socket of the requester. In a namespace that has an owner it is the owner's. */
export interface ReplaySocket {
  /** Sends one datagram. Returns 0, or the positive error number with which the sending itself failed. */
  send(datagram: Uint8Array): number
  /** Datagrams that have come since the last call, in order, dumps to their end. */
  drain(): Uint8Array[]
  close(): void
}

/** Hears the groups that recordings listen to, in one namespace: links and nsids; netdev mgmt and page-pool; ethtool monitor. */
export interface ReplayMonitor {
  readonly protocol: number
  drain(): Uint8Array[]
  close(): void
}

/**
 * A fresh kernel with nothing in it, with what a recording needs besides netlink: namespaces, processes and file descriptors
 * with given numbers, NICs, and requesters with other credentials. Namespaces are called by the letters of the recording.
 * The requester also has open, as file descriptors: 90, a file that is no namespace, and 91, a mount namespace.
 */
export interface ReplayKernel {
  /** Ids of generic netlink families by their names. */
  readonly families: ReadonlyMap<string, number>
  /** A new namespace, open as file descriptor `fd` of the requester. `owned`: by a child user namespace, see ReplaySocket. */
  namespaceAdd(ns: string, fd: number, owned: boolean): Promise<void>
  /** Gives up everything that holds the namespace. */
  namespaceRemove(ns: string): Promise<void>
  /** A process with this pid lives in the namespace from now on. */
  process(ns: string, pid: number): Promise<void>
  /** A NIC appears in the namespace. Throws KernelError. */
  nicAdd(ns: string, id: number, queues: number): Promise<{ readonly ifindex: number; readonly ifname: string }>
  nicRemove(id: number): Promise<void>
  socket(ns: string, options: ReplaySocketOptions): Promise<ReplaySocket>
  monitor(ns: string): Promise<readonly ReplayMonitor[]>
  /** Lets everything happen that is due because of what was done, link events that wait for a second included. */
  settle(): Promise<void>
  close(): Promise<void>
}
