import type { BpfMapping, BpfMappingOptions } from '@netkit/netlink'
import { type Calls, failure } from '../ffi/calls.ts'
import { MAP_SHARED, PROT_READ, PROT_WRITE } from '../ffi/numbers.ts'

/** Memory that this program shares with the kernel. */
export interface Mapped {
  readonly buffer: ArrayBuffer
  unmap(): void
}

/** mmap(2) of what is open as `fd`. Throws KernelError. */
export function mapFile(c: Calls, fd: number, op: string, options: Required<BpfMappingOptions>): Mapped {
  const { offset, length, writable } = options
  const at = c.mmap(0, length, PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED, fd, offset)
  if (at === -1) throw failure(c, op)
  return { buffer: c.view(at, length), unmap: () => void c.munmap(at, length) }
}

/** What is mapped is unmapped once nobody can reach its bytes any more: who still uses them would bring the program down. */
const UNMAP = new FinalizationRegistry<() => void>((unmap) => unmap())

/** The values of a map, for a client. */
export class LinuxMapping implements BpfMapping {
  #bytes: Uint8Array | undefined

  constructor(c: Calls, fd: number, { offset = 0, length, writable = false }: BpfMappingOptions) {
    const { buffer, unmap } = mapFile(c, fd, 'map a map', { offset, length, writable })
    UNMAP.register(buffer, unmap)
    this.#bytes = new Uint8Array(buffer)
  }

  bytes(): Uint8Array {
    return this.#bytes ?? new Uint8Array(0)
  }

  async close(): Promise<void> {
    this.#bytes = undefined
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
