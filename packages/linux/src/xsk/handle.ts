import type { MappedMemory, XskHandle } from '@netkit/netlink'
import { type Calls, failure } from '../ffi/calls.ts'
import { Readable } from '../ffi/readable.ts'
import type { ApplicationMemory } from './memory.ts'

const POLLIN = 1
/** How often it is asked whether there is room to send, ms: event loops tell of what can be read only. */
const ASK_AGAIN = 1
const EBADF = 9

/** An AF_XDP socket of the machine. */
export class LinuxXsk implements XskHandle {
  readonly fd: number
  readonly #calls: Calls
  readonly #memory: ApplicationMemory
  readonly #gone: (socket: LinuxXsk) => void
  /** `struct pollfd`: descriptor, events in the low half of a word, what there is in the high one. */
  readonly #pollfd: Int32Array
  readonly #readable: Readable
  #closed = false

  constructor(c: Calls, memory: ApplicationMemory, fd: number, gone: (socket: LinuxXsk) => void) {
    this.#calls = c
    this.#memory = memory
    this.fd = fd
    this.#gone = gone
    this.#pollfd = Int32Array.of(fd, 0)
    this.#readable = new Readable(c, fd)
  }

  setsockopt(level: number, name: number, value: Uint8Array): void {
    const c = this.#calls
    if (c.setsockopt(this.fd, level, name, value, value.length) < 0) throw failure(c, `set option ${level}/${name}`)
  }

  getsockopt(level: number, name: number, length: number): Uint8Array {
    const c = this.#calls
    const value = new Uint8Array(length)
    const size = Uint32Array.of(length)
    if (c.getsockopt(this.fd, level, name, value, size) < 0) throw failure(c, `get option ${level}/${name}`)
    return value.subarray(0, size[0])
  }

  mmap(length: number, offset: number): MappedMemory {
    return this.#memory.mapFile(this.fd, length, offset, `map a ring at ${offset}`)
  }

  bind(address: Uint8Array): void {
    const c = this.#calls
    if (c.bind(this.fd, address, address.length) < 0) throw failure(c, 'bind an AF_XDP socket')
  }

  send(flags: number): number {
    const c = this.#calls
    if (this.#closed) return -EBADF
    const result = c.kick(this.fd, 0, 0, flags)
    return result < 0 ? -c.errno() : result
  }

  receive(flags: number): number {
    const c = this.#calls
    if (this.#closed) return -EBADF
    const result = c.recv(this.fd, 0, 0, flags)
    return result < 0 ? -c.errno() : result
  }

  poll(events: number): number {
    if (this.#closed) return 0
    this.#pollfd[1] = events
    return this.#calls.poll(this.#pollfd, 1, 0) > 0 ? (this.#pollfd[1] >>> 16) & events : 0
  }

  async wait(events: number, timeout?: number): Promise<number> {
    const until = timeout === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeout
    while (true) {
      const now = this.poll(events)
      const left = until - performance.now()
      if (now !== 0 || left <= 0 || this.#closed) return now
      await this.#readable.wait((events & ~POLLIN) === 0 ? left : Math.min(left, ASK_AGAIN))
    }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#readable.close()
    this.#calls.close(this.fd)
    this.#gone(this)
  }
}
