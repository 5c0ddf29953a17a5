import type { MappedMemory } from './memory.ts'
import type { NamespaceHandle } from './namespaces.ts'

/**
 * An instance of io_uring. Structures are those of uapi linux/io_uring.h, in application memory (`KernelDoors.memory`): their
 * addresses are what `MappedMemory.address` calls them. Calls belong to the client that made it.
 */
export interface IoUringHandle {
  readonly fd: number
  /** The rings (IORING_OFF_SQ_RING, IORING_OFF_SQES) and what the kernel made for zero-copy receive. Throws KernelError EINVAL. */
  mmap(length: number, offset: number): MappedMemory
  /** io_uring_register(2): a structure at `argument`, which is read and written back. Throws KernelError. */
  register(opcode: number, argument: number, count: number): number
  /**
   * io_uring_enter(2): takes up to `submit` requests, and with IORING_ENTER_GETEVENTS lets those that wait go on. Never sleeps and
   * allocates nothing. The number of requests taken, or a negative errno.
   */
  enter(submit: number, flags: number): number
  /** Resolves when something waits for {@link enter} or in the completion ring, after `timeout` ms, or at `close`. */
  wait(timeout?: number): Promise<void>
  /** Ends the requests and whatever was registered. Harmless when it is closed already. */
  close(): void
}

/** io_uring, for zero-copy receive. Absent where a kernel is reached through a socket: no memory can be shared with it. */
export interface ZcrxDoor {
  /**
   * io_uring_setup(2): `params` is a `struct io_uring_params` that is written back. Throws KernelError EINVAL, also for flags and
   * kinds of ring that zero-copy receive has no use for; ENOMEM. Devices are looked up in `namespace`; default: the client's own.
   */
  setup(entries: number, params: Uint8Array, namespace?: NamespaceHandle): IoUringHandle
  /** IORING_REGISTER_QUERY without a ring. Throws KernelError. */
  query(argument: number): void
  /** Closes a descriptor that ZCRX_CTRL_EXPORT gave. Throws KernelError EBADF. */
  closeFile(fd: number): void
}
