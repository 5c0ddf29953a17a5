import { type BpfDoor, KernelError, refused } from '@netkit/netlink'
import { bpf } from '../bpf/dispatch.ts'
import type { Kernel } from '../kernel.ts'
import type { Process } from '../net/process.ts'
import { namespaceOf } from './namespace-of.ts'

/** Where a client's first memory seems to lie, and the space between two of them. */
const FIRST_ADDRESS = 0x7f00_0000_0000n
const PAGE = 4096n

/** bpf(2) of an embedded kernel, for one client. */
export function bpfDoor(kernel: Kernel, process: Process): BpfDoor {
  let address = FIRST_ADDRESS
  return {
    memory(size) {
      const memory = { address, bytes: new Uint8Array(size) }
      address += (BigInt(size) / PAGE + 2n) * PAGE
      return memory
    },
    async call(command, attr, { memory = [], namespace } = {}) {
      const op = `bpf command ${command}`
      const netns = namespaceOf(process, namespace, op)
      const result = bpf({ kernel, objects: kernel.bpf, process, netns }, command, attr, memory)
      kernel.afterRequest()
      if (result < 0) throw new KernelError({ op, errno: -result })
      return result
    },
    async closeFile(fd) {
      if (!process.closeFile(fd)) throw refused(`close descriptor ${fd}`, 'EBADF')
    },
  }
}
