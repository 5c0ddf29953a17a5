import type { NamespaceHandle } from './namespaces.ts'

/** Memory of a client that addresses in the arguments of bpf(2) lead into. */
export interface BpfMemory {
  /** Of the first byte. */
  readonly address: bigint
  readonly bytes: Uint8Array
}

export interface BpfCallOptions {
  /** All that addresses in the arguments may lead into; elsewhere they are EFAULT. Default: nothing. */
  readonly memory?: readonly BpfMemory[]
  /** The namespace in which devices are looked up. Default: the client's own. */
  readonly namespace?: NamespaceHandle
}

/**
 * bpf(2): a command, and a `union bpf_attr` in bytes that is read and written back. What it has addresses of (instructions,
 * keys, values, logs, paths) lies in memory that the door hands out, because only a door knows what an address means to its
 * kernel.
 */
export interface BpfDoor {
  /** Memory of `size` bytes, all zero, which the client can fill before a call and read after it. */
  memory(size: number): BpfMemory
  /**
   * Carries out a command. Resolves with what bpf(2) returns: 0 or a new file descriptor. Rejects with KernelError; what the
   * kernel wrote before it refused (a log, a count) is in `attr` and in the memory all the same.
   */
  call(command: number, attr: Uint8Array, options?: BpfCallOptions): Promise<number>
  /** Closes a descriptor that a call returned. EBADF if there is none. */
  closeFile(fd: number): Promise<void>
}
