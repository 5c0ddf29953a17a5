import { type MappedMemory, type MemoryDoor, refused } from '@netkit/netlink'
import { DmaBuf } from '../net/dma-buf.ts'
import type { Process } from '../net/process.ts'
import type { ApplicationMemory } from '../packet/application-memory.ts'
import type { Region } from '../packet/memory.ts'

/** A region as an application has it mapped. */
export const mapped = (memory: ApplicationMemory, region: Region): MappedMemory => ({
  address: region.offset,
  offset: region.offset,
  length: region.length,
  unmap: () => memory.unmap(region),
})

/** Memory that applications share with an embedded kernel: its packet memory. What a client leaves mapped goes with it. */
export function memoryDoor(application: ApplicationMemory, process: Process): MemoryDoor & { close(): void } {
  const open = new Set<MappedMemory>()
  return {
    get memory() {
      return application.memory.memory
    },
    map(bytes) {
      const op = `map ${bytes} bytes`
      if (!Number.isInteger(bytes) || bytes < 1) throw refused(op, 'EINVAL')
      const region = application.map(bytes)
      if (!region) throw refused(op, 'ENOMEM')
      const one = mapped(application, region)
      const handle: MappedMemory = {
        ...one,
        unmap() {
          if (open.delete(handle)) one.unmap()
        },
      }
      open.add(handle)
      return handle
    },
    dmabuf(address, bytes) {
      const op = `make a dma-buf of ${bytes} bytes at ${address}`
      if (!Number.isInteger(bytes) || bytes < 1) throw refused(op, 'EINVAL')
      const pinned = application.pin(address, bytes)
      if (!pinned) throw refused(op, 'EFAULT', 'this is not mapped')
      const fd = process.openDmaBuf(new DmaBuf(application, pinned, address, bytes))
      return { fd, close: () => void process.closeFile(fd) }
    },
    close() {
      for (const one of [...open]) one.unmap()
    },
  }
}
