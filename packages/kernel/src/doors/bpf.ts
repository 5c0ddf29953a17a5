import { type BpfDoor, type BpfMapping, KernelError, refused } from '@netkit/netlink'
import { mapAt, mayAccess } from '../bpf/call/files.ts'
import { bpf } from '../bpf/dispatch.ts'
import type { BpfMap } from '../bpf/objects/map.ts'
import type { Kernel } from '../kernel.ts'
import type { Process } from '../net/process.ts'
import { mapArray } from './bpf-mapping.ts'
import { EmbeddedPerfBuffer } from './bpf-perf.ts'
import { bpfPins } from './bpf-pins.ts'
import { EmbeddedReader } from './bpf-reader.ts'
import { ringSource } from './bpf-ring.ts'
import { traceSource } from './bpf-trace.ts'
import { namespaceOf } from './namespace-of.ts'

/** Where a client's first memory seems to lie, and the space between two of them. */
const FIRST_ADDRESS = 0x7f00_0000_0000n
const PAGE = 4096n

/** bpf(2) of an embedded kernel, for one client. Closing it ends what it shares with the kernel; its descriptors are the process's. */
export interface EmbeddedBpfDoor extends BpfDoor {
  close(): Promise<void>
}

export function bpfDoor(kernel: Kernel, process: Process): EmbeddedBpfDoor {
  let address = FIRST_ADDRESS
  const shared = new Set<EmbeddedReader | BpfMapping>()
  return {
    cpus: 1,
    pins: bpfPins(kernel),
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
    async ring(fd) {
      const map = openMap(process, fd, 'read a ring buffer')
      if (!mayAccess(process, fd, map, 'write'))
        throw refused('read a ring buffer', 'EPERM', 'its descriptor is read-only')
      const ring = new EmbeddedReader(kernel.bpf, ringSource(kernel.bpf, map), (closed) => shared.delete(closed))
      shared.add(ring)
      return ring
    },
    async tracePipe() {
      const reader = new EmbeddedReader(kernel.bpf, traceSource(kernel.bpf), (closed) => shared.delete(closed))
      shared.add(reader)
      return reader
    },
    async perfBuffer(options = {}) {
      const buffer = new EmbeddedPerfBuffer(kernel.bpf, process, options, (closed) => shared.delete(closed))
      shared.add(buffer)
      return buffer
    },
    async map(fd, options) {
      const mapping = mapArray(kernel.bpf, openMap(process, fd, 'map a map'), options)
      shared.add(mapping)
      return mapping
    },
    async close() {
      for (const one of [...shared]) await one.close()
    },
  }
}

function openMap(process: Process, fd: number, op: string): BpfMap {
  const map = mapAt(process, fd)
  if (typeof map === 'number') throw new KernelError({ op, errno: -map })
  return map
}
