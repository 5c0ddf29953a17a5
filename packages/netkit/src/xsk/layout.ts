/** Where a ring lies in the memory that an application shares with its kernel; offsets of words of 4 bytes, as the kernel tells. */
export interface RingPlace {
  /** A power of two. */
  readonly entries: number
  readonly producer: number
  readonly consumer: number
  readonly flags: number
  readonly first: number
}

/** All that a thread needs to receive and send by an AF_XDP socket; `postMessage` can send it to a worker. */
export interface XskLayout {
  readonly memory: WebAssembly.Memory
  /** Where the UMEM begins in the memory's buffer, its size, and the bytes of a chunk. */
  readonly umem: number
  readonly size: number
  readonly chunkSize: number
  readonly unaligned: boolean
  readonly rx: RingPlace | undefined
  readonly tx: RingPlace | undefined
  /** Of sockets that share a queue, one has these. */
  readonly fill: RingPlace | undefined
  readonly completion: RingPlace | undefined
  /** Chunks that are in no ring: the pile of the thread that is handed this. Undefined: all. */
  readonly free: Uint32Array | undefined
  /** The word by which a worker wakes the kernel; undefined in the thread that has the socket. */
  readonly doorbell: number | undefined
}
