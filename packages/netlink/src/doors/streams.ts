import type { NamespaceHandle } from './namespaces.ts'

/** How far a call waits: not at all (EAGAIN, EINPROGRESS), or until the signal ends it. */
export interface StreamWait {
  /** Default: true. */
  readonly wait?: boolean
  readonly signal?: AbortSignal
}

/** Which half of a connection ends: SHUT_RD, SHUT_WR, SHUT_RDWR. */
export type ShutdownHow = 0 | 1 | 2

/**
 * A stream socket. Addresses are `struct sockaddr_in` or `sockaddr_in6`. Errors are KernelErrors with the errno that the system
 * call of that name gives.
 */
export interface StreamHandle extends AsyncDisposable {
  /** Descriptor of this client: what requests of io_uring call it. */
  readonly fd: number
  bind(address: Uint8Array): Promise<void>
  /** Resolves when the connection is established: ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, EISCONN, EALREADY. */
  connect(address: Uint8Array, options?: StreamWait): Promise<void>
  listen(backlog: number): Promise<void>
  /** The connection that waits longest; waits for one. EINVAL if the socket does not listen. */
  accept(options?: StreamWait): Promise<StreamHandle>
  /**
   * Takes bytes into the send buffer; waits for room until all are there, or without waiting takes as many as fit (EAGAIN if none
   * do). EPIPE after the end, ECONNRESET, ETIMEDOUT.
   */
  send(data: Uint8Array, options?: StreamWait): Promise<number>
  /** Up to `most` bytes; waits for the first. Nothing: the other side has ended. */
  recv(most: number, options?: StreamWait): Promise<Uint8Array>
  /** ENOTCONN. */
  shutdown(how: ShutdownHow): Promise<void>
  setsockopt(level: number, name: number, value: Uint8Array): Promise<void>
  getsockopt(level: number, name: number): Promise<Uint8Array>
  getsockname(): Promise<Uint8Array>
  /** ENOTCONN. */
  getpeername(): Promise<Uint8Array>
  /** What was sent still goes out, unless SO_LINGER says otherwise or something came that was not read. */
  close(): Promise<void>
}

/** socket(2) with SOCK_STREAM, for TCP. */
export interface StreamsDoor {
  /** EAFNOSUPPORT, EPROTONOSUPPORT. `protocol`: 0 or IPPROTO_TCP. */
  socket(family: number, protocol: number, namespace?: NamespaceHandle): Promise<StreamHandle>
}
