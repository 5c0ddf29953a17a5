import type { NamespaceHandle } from './namespaces.ts'

/** A datagram that was received. */
export interface ReceivedDatagram {
  readonly data: Uint8Array
  /** Where it comes from: `struct sockaddr_in` or `sockaddr_in6`. */
  readonly address: Uint8Array
  /** TTL or hop limit that was left of it, where the kernel tells. */
  readonly ttl?: number
}

/** An ICMP error about something that was sent: what Linux gives by MSG_ERRQUEUE as `struct sock_extended_err`. */
export interface SocketError {
  /** Positive error number that it means. */
  readonly errno: number
  /** Of the ICMP message, or of the ICMPv6 message. */
  readonly type: number
  readonly code: number
  /** Of "packet too big": the MTU. */
  readonly info: number
  /** What had been sent, as far as it was quoted. */
  readonly data: Uint8Array
  /** Where it had been sent, and who complains: `struct sockaddr_in` or `sockaddr_in6`. */
  readonly destination: Uint8Array
  readonly offender: Uint8Array
}

/** A socket. Errors are KernelErrors with the errno that the system call of that name gives. */
export interface SocketHandle extends AsyncDisposable {
  bind(address: Uint8Array): Promise<void>
  /** AF_UNSPEC in the address dissolves the association. */
  connect(address: Uint8Array): Promise<void>
  /** Resolves with the number of bytes. Without an address: to whom it is connected. */
  sendto(data: Uint8Array, address?: Uint8Array): Promise<number>
  /**
   * Up to `most` datagrams that wait; waits for the first unless told not to (EAGAIN). One reader at a time. EBADF when
   * the socket is closed meanwhile.
   */
  receive(
    most: number,
    options?: { readonly wait?: boolean; readonly signal?: AbortSignal },
  ): Promise<ReceivedDatagram[]>
  /** Errors that wait, oldest first; there are some where IP_RECVERR or IPV6_RECVERR is on. Waits for none. */
  errors(): Promise<SocketError[]>
  setsockopt(level: number, name: number, value: Uint8Array): Promise<void>
  getsockname(): Promise<Uint8Array>
  close(): Promise<void>
}

/** socket(2), for UDP and for ICMP echoes (SOCK_DGRAM with IPPROTO_ICMP or IPPROTO_ICMPV6). */
export interface SocketsDoor {
  /** EAFNOSUPPORT, EPROTONOSUPPORT, ESOCKTNOSUPPORT for what there is not. */
  socket(family: number, type: number, protocol: number, namespace?: NamespaceHandle): Promise<SocketHandle>
}
