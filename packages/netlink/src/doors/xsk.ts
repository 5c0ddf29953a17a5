import type { MappedMemory } from './memory.ts'
import type { NamespaceHandle } from './namespaces.ts'

/**
 * An AF_XDP socket. Structures are those of uapi linux/if_xdp.h, in bytes. Calls of the control plane throw KernelError with the errno
 * of the system call of that name; those of the data path return it, negative, and allocate nothing.
 */
export interface XskHandle {
  /** Descriptor of this client: the value of an XSKMAP entry, `sxdp_shared_umem_fd`. */
  readonly fd: number
  setsockopt(level: number, name: number, value: Uint8Array): void
  /** The option as the kernel gives it to a buffer of `length` bytes. */
  getsockopt(level: number, name: number, length: number): Uint8Array
  /** A ring of the socket, by its page offset (XDP_PGOFF_RX_RING and others), in application memory. */
  mmap(length: number, offset: number): MappedMemory
  /** `struct sockaddr_xdp`. */
  bind(address: Uint8Array): void
  /** sendto(2) of nothing: has the kernel look at the TX ring. 0 or a negative errno. */
  send(flags: number): number
  /** recvfrom(2) of nothing: has the kernel look at the fill ring. 0 or a negative errno. */
  receive(flags: number): number
  /** poll(2) that does not wait: the events of `events` (POLLIN 1, POLLOUT 4) that there are. Has the kernel look at the rings. */
  poll(events: number): number
  /** Resolves when `events` are there or `timeout` ms have passed, with what `poll` says then; at once after `close`. */
  wait(events: number, timeout?: number): Promise<number>
  /** The rings stay mapped until each is unmapped. Harmless when it is closed already. */
  close(): void
}

/** socket(AF_XDP, SOCK_RAW, 0). Absent where a kernel is reached through a socket. */
export interface XskDoor {
  /** EPERM without CAP_NET_RAW in the user namespace that owns the network namespace; ESOCKTNOSUPPORT, EPROTONOSUPPORT. */
  socket(type: number, protocol: number, namespace?: NamespaceHandle): XskHandle
}
