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

/** The records of a ring buffer, for its one consumer. */
export interface BpfRing extends AsyncDisposable {
  /** Records that were finished since the last time, in order, the caller's for good; waits for one. Empty once closed. */
  next(): Promise<readonly Uint8Array[]>
  close(): Promise<void>
}

/** The buffer of a perf event that programs write to (PERF_COUNT_SW_BPF_OUTPUT), for its one reader. `next` gives whole records. */
export interface BpfPerfBuffer extends BpfRing {
  /** Descriptor of the event, to be put into a perf event array. Closed with the buffer; the array keeps the event. */
  readonly fd: number
}

export interface BpfPerfOptions {
  /** The CPU whose programs write to it. Default: 0. */
  readonly cpu?: number
  /** Pages of 4096 bytes for records, a power of two up to 1024. Default: 8. */
  readonly pages?: number
}

/** A part of a map that the kernel and the client share. */
export interface BpfMapping extends AsyncDisposable {
  /** The shared bytes as they are now. Ask again after waiting for anything: the memory of an embedded kernel moves. */
  bytes(): Uint8Array
  /** Bytes that were handed out must not be used any more. */
  close(): Promise<void>
}

export interface BpfMappingOptions {
  /** A multiple of 4096. Default: 0. */
  readonly offset?: number
  readonly length: number
  /** Default: false. */
  readonly writable?: boolean
}

/** The BPF file system, in which objects are pinned: what bpf(2) itself cannot do there. */
export interface BpfPins {
  /** Paths of everything that is pinned, sorted. Empty where no such file system is mounted. */
  list(): Promise<readonly string[]>
  /** Makes a folder for pins, and those above it; harmless if it is there. EPERM outside of a BPF file system. */
  makeFolder(path: string): Promise<void>
  /** Takes a pin away: what it held goes if nothing else holds it. ENOENT; EPERM outside of a BPF file system. */
  remove(path: string): Promise<void>
}

/**
 * bpf(2): a command, and a `union bpf_attr` in bytes that is read and written back. What it has addresses of (instructions,
 * keys, values, logs, paths) lies in memory that the door hands out, because only a door knows what an address means to its
 * kernel.
 */
export interface BpfDoor {
  /** CPUs that there may be: what user space reads and writes of a per-CPU map has a value for each, rounded up to 8 bytes. */
  readonly cpus: number
  readonly pins: BpfPins
  /** What the kernel was built with, in lines as `CONFIG_HZ=250`. Absent for a kernel that was not built like that. */
  configuration?(): Promise<string>
  /** Memory of `size` bytes, all zero, which the client can fill before a call and read after it. */
  memory(size: number): BpfMemory
  /**
   * Carries out a command. Resolves with what bpf(2) returns: 0 or a new file descriptor. Rejects with KernelError; what the
   * kernel wrote before it refused (a log, a count) is in `attr` and in the memory all the same.
   */
  call(command: number, attr: Uint8Array, options?: BpfCallOptions): Promise<number>
  /** Closes a descriptor that a call returned. EBADF if there is none. */
  closeFile(fd: number): Promise<void>
  /**
   * Begins to read a ring buffer (BPF_MAP_TYPE_RINGBUF) by its descriptor, which can be closed meanwhile. A ring has one reader: two
   * would take records from each other. EBADF, EINVAL for another type of map, EPERM for one that cannot be written.
   */
  ring(fd: number): Promise<BpfRing>
  /** perf_event_open(2) of an event that programs write to on one CPU, and its buffer. EINVAL, ENODEV: no such CPU; EPERM, EACCES. */
  perfBuffer(options?: BpfPerfOptions): Promise<BpfPerfBuffer>
  /**
   * What programs print with bpf_printk, from what was printed and not read yet on: lines as `trace_pipe` has them, each a record without
   * its end. Of Linux's pipe everybody reads what nobody else has. EACCES, ENOENT: tracing is not mounted.
   */
  tracePipe(): Promise<BpfRing>
  /**
   * mmap(2) of a map by its descriptor: of arrays with BPF_F_MMAPABLE, the values, each rounded up to 8 bytes. EBADF; ENOTSUPP for
   * other types, EINVAL without the flag or beyond the end, EPERM for frozen ones. Absent where no memory can be shared: with a kernel in another process.
   */
  map?(fd: number, options: BpfMappingOptions): Promise<BpfMapping>
}
