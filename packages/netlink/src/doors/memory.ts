/** A part of application memory, page by page the application's own until it is unmapped. */
export interface MappedMemory {
  /** What structures that go to the kernel call it: in the embedded kernel the offset in memory, on Linux an address of the process. */
  readonly address: number
  /** Byte offset in the memory's buffer, a multiple of 4096. */
  readonly offset: number
  /** Bytes, a multiple of 4096. */
  readonly length: number
  /** Gives the memory back. What the kernel still uses (a UMEM, an area) stays until the kernel has done with it. Once only. */
  unmap(): void
}

/** A descriptor of a dma-buf. Bindings that were made with it stay when it is closed. */
export interface DmaBufHandle {
  readonly fd: number
  close(): void
}

/**
 * Memory that an application and its kernel share: UMEMs, areas of io_uring, rings. Absent where a kernel is reached through a
 * socket: nothing can be shared with it.
 */
export interface MemoryDoor {
  /**
   * All of it, shared where the platform has shared memory: then views of its buffer stay good and workers can be handed it. Otherwise
   * growth takes old buffers away, and views have length 0 afterwards: make them again.
   */
  readonly memory: WebAssembly.Memory
  /** Maps zeroed memory, rounded up to pages of 4096 bytes. Throws KernelError EINVAL for less than a byte, ENOMEM. */
  map(bytes: number): MappedMemory
  /**
   * A descriptor, for bind-rx and bind-tx of the netdev family, of mapped memory that stands in for the memory of a device: what
   * udmabuf makes on Linux. An extension: the memory of an embedded kernel has no other. EFAULT if the bytes are not mapped.
   * Absent with other kernels.
   */
  dmabuf?(address: number, bytes: number): DmaBufHandle
}
