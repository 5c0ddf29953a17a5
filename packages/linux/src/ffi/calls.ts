import { KernelError } from '@netkit/netlink'
import { type Libc, libc } from './libc.ts'
import { NoLinuxError, whyNotHere } from './machine.ts'

/**
 * Called when a descriptor can be read, or has an error to tell: then `status` is negative, and the watch has stopped. No
 * microtask runs after it.
 */
export type OnReadable = (status: number) => void

/** A watch over a descriptor by the event loop that this program has anyway: no thread, nothing to wait for at exit. */
export interface Watch {
  start(onReadable: OnReadable): void
  stop(): void
  /** Whether it keeps the program running. */
  ref(): void
  unref(): void
  close(): void
}

/**
 * The system calls that the doors make, as libc has them: -1 is a failure, and `errno()` says which. Node's own `fs` is
 * used for files.
 */
export interface Calls {
  socket(family: number, type: number, protocol: number): number
  /** For what `socket` opened; what Node's `fs` opened is closed by it, since it keeps count in workers. */
  close(fd: number): number
  bind(fd: number, address: Uint8Array, length: number): number
  getsockname(fd: number, address: Uint8Array, length: Uint32Array): number
  setsockopt(fd: number, level: number, name: number, value: Int32Array | Uint8Array, length: number): number
  getsockopt(fd: number, level: number, name: number, value: Uint8Array, length: Uint32Array): number
  send(fd: number, bytes: Uint8Array, length: number, flags: number): number
  /** send(2) of nothing, quickly. */
  kick(fd: number, bytes: number, length: number, flags: number): number
  /** `descriptors`: `struct pollfd`. */
  poll(descriptors: Int32Array, count: number, timeout: number): number
  connect(fd: number, address: Uint8Array, length: number): number
  /** `bytes`: address of a buffer of that length. */
  recv(fd: number, bytes: number, length: number, flags: number): number
  /** `bytes`: address of a buffer of that length. */
  read(fd: number, bytes: number, length: number): number
  /** `bytes`: address of that many bytes. */
  write(fd: number, bytes: number, length: number): number
  /** `message`: address of a msghdr. */
  recvmsg(fd: number, message: number, flags: number): number
  ioctl(fd: number, request: number, argument: Uint8Array | null): number
  setns(fd: number, type: number): number
  unshare(flags: number): number
  mount(source: string, target: string, type: string, flags: number, data: null): number
  umount2(target: string, flags: number): number
  flock(fd: number, operation: number): number
  /** syscall(2) of bpf(2), which libc has no function for. */
  bpf(number: number, command: number, attr: Uint8Array, size: number): number
  /** syscall(2) of perf_event_open(2). */
  perfEventOpen(number: number, attr: Uint8Array, pid: number, cpu: number, group: number, flags: number): number
  /** syscall(2) of io_uring_setup(2). */
  ioUringSetup(number: number, entries: number, params: Uint8Array): number
  /** syscall(2) of io_uring_register(2). `argument`: address of a structure, or 0. */
  ioUringRegister(number: number, fd: number, opcode: number, argument: number, count: number): number
  /** syscall(2) of io_uring_enter(2). */
  ioUringEnter(
    number: number,
    fd: number,
    submit: number,
    complete: number,
    flags: number,
    argument: number,
    size: number,
  ): number
  fcntl(fd: number, command: number, argument: number): number
  /** Where the memory is, or -1. */
  mmap(at: number, length: number, protection: number, flags: number, fd: number, offset: number): number
  munmap(at: number, length: number): number
  errno(): number
  /** Where the bytes of a buffer are. They stay there as long as the buffer is kept. */
  address(buffer: ArrayBufferLike): number
  /** Memory that is nobody else's as a buffer: never to be used once it is unmapped. */
  view(at: number, length: number): ArrayBuffer
  watch(fd: number, onReadable: OnReadable): Watch
}

/** A literal, and not made of a table: engines are quick with what is written down. */
const bindCalls = ({ koffi, library }: Libc): Calls => ({
  socket: library.func('int socket(int family, int type, int protocol)'),
  close: library.func('int close(int fd)'),
  bind: library.func('int bind(int fd, const void *address, uint32_t length)'),
  getsockname: library.func('int getsockname(int fd, void *address, void *length)'),
  setsockopt: library.func('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)'),
  send: library.func('intptr_t send(int fd, const void *bytes, size_t length, int flags)'),
  getsockopt: library.func('int getsockopt(int fd, int level, int name, void *value, void *length)'),
  kick: library.func('intptr_t send(int fd, uintptr_t bytes, size_t length, int flags)'),
  poll: library.func('int poll(void *descriptors, unsigned long count, int timeout)'),
  connect: library.func('int connect(int fd, const void *address, uint32_t length)'),
  recv: library.func('intptr_t recv(int fd, uintptr_t bytes, size_t length, int flags)'),
  read: library.func('intptr_t read(int fd, uintptr_t bytes, size_t length)'),
  write: library.func('intptr_t write(int fd, uintptr_t bytes, size_t length)'),
  recvmsg: library.func('intptr_t recvmsg(int fd, uintptr_t message, int flags)'),
  ioctl: library.func('int ioctl(int fd, unsigned long request, void *argument)'),
  setns: library.func('int setns(int fd, int type)'),
  unshare: library.func('int unshare(int flags)'),
  mount: library.func(
    'int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data)',
  ),
  umount2: library.func('int umount2(const char *target, int flags)'),
  flock: library.func('int flock(int fd, int operation)'),
  bpf: library.func('long syscall(long number, int command, void *attr, uint32_t size)'),
  perfEventOpen: library.func(
    'long syscall(long number, void *attr, int pid, int cpu, int group, unsigned long flags)',
  ),
  ioUringSetup: library.func('long syscall(long number, uint32_t entries, void *params)'),
  ioUringRegister: library.func(
    'long syscall(long number, int fd, uint32_t opcode, uintptr_t argument, uint32_t count)',
  ),
  ioUringEnter: library.func(
    'long syscall(long number, int fd, uint32_t submit, uint32_t complete, uint32_t flags, uintptr_t argument, size_t size)',
  ),
  fcntl: library.func('int fcntl(int fd, int command, intptr_t argument)'),
  mmap: library.func('intptr_t mmap(uintptr_t at, size_t length, int protection, int flags, int fd, int64_t offset)'),
  munmap: library.func('int munmap(uintptr_t at, size_t length)'),
  errno: () => koffi.errno(),
  // A view, because shared memory alone is not taken.
  address: (buffer) => Number(koffi.address(new Uint8Array(buffer))),
  view: (at, length) => koffi.view(at, length),
  // koffi's types leave the status out.
  watch: (fd, onReadable) => koffi.node.poll(fd, onReadable as never) as unknown as Watch,
})

let bound: Promise<Calls> | undefined

/** Rejects with NoLinuxError where there is no Linux that it knows how to call, or koffi does not load. */
export function calls(): Promise<Calls> {
  bound ??= load()
  return bound
}

async function load(): Promise<Calls> {
  const why = whyNotHere()
  if (why) throw new NoLinuxError(why)
  const c = await libc()
  if (!c) throw new NoLinuxError('the optional library koffi is not installed, or has no binary for this machine')
  return bindCalls(c)
}

/** The failure of the system call that was made last. */
export const failure = (c: Calls, op: string, extack?: string): KernelError =>
  new KernelError({ op, errno: c.errno(), extack })
