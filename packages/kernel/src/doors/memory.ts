import { type MappedMemory, type MemoryDoor, refused } from '@netkit/netlink'
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
export function memoryDoor(application: ApplicationMemory): MemoryDoor & { close(): void } {
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
    close() {
      for (const one of [...open]) one.unmap()
    },
  }
}
