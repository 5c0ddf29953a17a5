import { errno, IORING_REGISTER_ZCRX_IFQ, type IoUringHandle, type MappedMemory } from '@netkit/netlink'
import { type Calls, failure } from '../ffi/calls.ts'
import { NR_IO_URING_ENTER, NR_IO_URING_REGISTER } from '../ffi/numbers.ts'
import { Readable } from '../ffi/readable.ts'
import type { RingMemory } from './ring-memory.ts'

/** Runs something in the namespace that an instance was made for. */
export type Within = <T>(op: string, act: () => T) => T

/** An instance of io_uring of the machine. It takes calls of the thread that made it only: EEXIST. */
export class LinuxIoUring implements IoUringHandle {
  readonly fd: number
  readonly #calls: Calls
  readonly #rings: RingMemory
  readonly #within: Within
  readonly #gone: (ring: LinuxIoUring) => void
  readonly #readable: Readable
  #closed = false

  constructor(c: Calls, fd: number, rings: RingMemory, within: Within, gone: (ring: LinuxIoUring) => void) {
    this.#calls = c
    this.fd = fd
    this.#rings = rings
    this.#within = within
    this.#gone = gone
    this.#readable = new Readable(c, fd)
  }

  mmap(length: number, offset: number): MappedMemory {
    return this.#rings.at(length, offset)
  }

  register(opcode: number, argument: number, count: number): number {
    const c = this.#calls
    const op = `register ${opcode} at io_uring`
    const act = (): number => {
      const result = c.ioUringRegister(NR_IO_URING_REGISTER, this.#closed ? -1 : this.fd, opcode, argument, count)
      if (result < 0) throw failure(c, op)
      return result
    }
    // It alone looks a device up.
    return opcode === IORING_REGISTER_ZCRX_IFQ ? this.#within(op, act) : act()
  }

  enter(submit: number, flags: number): number {
    if (this.#closed) return -errno.EBADF
    const result = this.#calls.ioUringEnter(NR_IO_URING_ENTER, this.fd, submit, 0, flags, 0, 0)
    return result < 0 ? -this.#calls.errno() : result
  }

  async wait(timeout?: number): Promise<void> {
    if (!this.#closed) await this.#readable.wait(timeout)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#readable.close()
    this.#calls.close(this.fd)
    this.#rings.unmap()
    this.#gone(this)
  }
}
