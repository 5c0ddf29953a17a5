import type { NetNamespace } from './namespace.ts'

/** A socket as programs know it. Addresses are four words in network order; IPv4 is ::ffff:a.b.c.d. */
export interface ProgramSocket {
  readonly ns: NetNamespace
  /** AF_INET6. */
  readonly v6: boolean
  readonly uid: number
  /** Its cookie. */
  readonly number: number
  readonly local: Int32Array
  readonly remote: Int32Array
  readonly port: number
  readonly remotePort: number
  /** Ifindex of the device that it is bound to; 0: any. */
  readonly device: number
  readonly mark: number
  readonly priority: number
  /** Of TCP: its state as TCP_INFO has it. */
  readonly state?: number
  /** Of one without a protocol: its address family. */
  readonly family?: number
  /** Of UDP: whether it has one peer only. */
  readonly connected?: boolean
}

/** Sockets, for programs that look for them. */
export interface ProgramSockets {
  /**
   * The socket of UDP (17) or TCP (6) that would receive a packet of a device: `words` are where it comes from, and behind that where it
   * goes. Undefined: none.
   */
  find(
    ns: NetNamespace,
    protocol: number,
    words: Int32Array,
    fromPort: number,
    toPort: number,
    ifindex: number,
  ): ProgramSocket | undefined
  /** The open socket with a number, which packets that it sends carry. */
  get(number: number): ProgramSocket | undefined
  /** Writes a `struct bpf_tcp_sock` about a socket of TCP. */
  describe(socket: ProgramSocket, view: DataView, at: number): void
}
