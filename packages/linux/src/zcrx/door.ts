import {
  IO_CQRING_OFFSETS,
  IO_SQRING_OFFSETS,
  IO_URING_PARAMS,
  IORING_REGISTER_QUERY,
  IORING_SETUP_NO_MMAP,
  type IoUringHandle,
  type NamespaceHandle,
  type ZcrxDoor,
} from '@netkit/netlink'
import { type Calls, failure } from '../ffi/calls.ts'
import { NR_IO_URING_REGISTER, NR_IO_URING_SETUP } from '../ffi/numbers.ts'
import type { ApplicationMemory } from '../xsk/memory.ts'
import { LinuxIoUring } from './ring.ts'
import { RingMemory } from './ring-memory.ts'

const P = IO_URING_PARAMS

/** Runs something in a namespace, or here. */
type Within = <T>(namespace: NamespaceHandle | undefined, op: string, act: () => T) => T

/** io_uring of the machine for one connection, which owns the instances. */
export class LinuxZcrxDoor implements ZcrxDoor {
  readonly #calls: Calls
  readonly #memory: ApplicationMemory
  readonly #within: Within
  readonly #open = new Set<LinuxIoUring>()

  constructor(c: Calls, memory: ApplicationMemory, within: Within) {
    this.#calls = c
    this.#memory = memory
    this.#within = within
  }

  setup(entries: number, params: Uint8Array, namespace?: NamespaceHandle): IoUringHandle {
    const c = this.#calls
    const view = new DataView(params.buffer, params.byteOffset, params.length)
    const rings = new RingMemory(this.#memory, entries, view)
    rings.offer(view)
    const fd = c.ioUringSetup(NR_IO_URING_SETUP, entries, params)
    if (fd < 0) {
      const error = failure(c, `set up io_uring of ${entries} entries`)
      rings.unmap()
      throw error
    }
    asIfMapped(view)
    const within = <T>(op: string, act: () => T): T => this.#within(namespace, op, act)
    const ring = new LinuxIoUring(c, fd, rings, within, (one) => this.#open.delete(one))
    this.#open.add(ring)
    return ring
  }

  query(argument: number): void {
    const c = this.#calls
    if (c.ioUringRegister(NR_IO_URING_REGISTER, -1, IORING_REGISTER_QUERY, argument, 0) < 0)
      throw failure(c, 'ask what io_uring can do')
  }

  closeFile(fd: number): void {
    if (this.#calls.close(fd) < 0) throw failure(this.#calls, `close descriptor ${fd}`)
  }

  close(): void {
    for (const ring of [...this.#open]) ring.close()
  }
}

/** The parameters as they would be had the rings been Linux's own. */
function asIfMapped(params: DataView): void {
  params.setUint32(P.flags, params.getUint32(P.flags, true) & ~IORING_SETUP_NO_MMAP, true)
  params.setBigUint64(P.sqOff + IO_SQRING_OFFSETS.userAddr, 0n, true)
  params.setBigUint64(P.cqOff + IO_CQRING_OFFSETS.userAddr, 0n, true)
}
