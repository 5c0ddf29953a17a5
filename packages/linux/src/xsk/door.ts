import { AF_XDP, type NamespaceHandle, type XskDoor, type XskHandle } from '@netkit/netlink'
import { type Calls, failure } from '../ffi/calls.ts'
import { SOCK_CLOEXEC } from '../ffi/numbers.ts'
import { LinuxXsk } from './handle.ts'
import type { ApplicationMemory } from './memory.ts'

/** Runs something in a namespace, or here. */
type Within = <T>(namespace: NamespaceHandle | undefined, op: string, act: () => T) => T

/** AF_XDP sockets of the machine for one connection, which owns them. */
export class LinuxXskDoor implements XskDoor {
  readonly #calls: Calls
  readonly #memory: ApplicationMemory
  readonly #within: Within
  readonly #open = new Set<LinuxXsk>()

  constructor(c: Calls, memory: ApplicationMemory, within: Within) {
    this.#calls = c
    this.#memory = memory
    this.#within = within
  }

  socket(type: number, protocol: number, namespace?: NamespaceHandle): XskHandle {
    const op = 'open an AF_XDP socket'
    const c = this.#calls
    const fd = this.#within(namespace, op, () => {
      const result = c.socket(AF_XDP, type | SOCK_CLOEXEC, protocol)
      if (result < 0) throw failure(c, op)
      return result
    })
    const socket = new LinuxXsk(c, this.#memory, fd, (one) => this.#open.delete(one))
    this.#open.add(socket)
    return socket
  }

  close(): void {
    for (const one of [...this.#open]) one.close()
  }
}
