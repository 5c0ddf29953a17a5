import type { PacketMemory, Region } from './memory.ts'

/** Bytes of a page: applications map whole pages. */
const PAGE = 4096

interface Mapping {
  readonly region: Region
  /** Users inside the kernel: UMEMs, areas. */
  pins: number
  mapped: boolean
}

/** The parts of packet memory that applications have mapped. One goes when it is unmapped and the kernel has done with it, too. */
export class ApplicationMemory {
  readonly #memory: () => PacketMemory
  /** By offset. */
  readonly #mappings = new Map<number, Mapping>()

  constructor(memory: () => PacketMemory) {
    this.#memory = memory
  }

  get memory(): PacketMemory {
    return this.#memory()
  }

  /** Zeroed memory, rounded up to pages. Undefined where there is none left. */
  map(bytes: number): Region | undefined {
    const length = Math.ceil(bytes / PAGE) * PAGE
    const region = this.#memory().reserve('memory of an application', length, PAGE)
    if (region) this.#mappings.set(region.offset, { region, pins: 0, mapped: true })
    return region
  }

  unmap(region: Region): void {
    const mapping = this.#mappings.get(region.offset)
    if (mapping?.region !== region || !mapping.mapped) return
    mapping.mapped = false
    this.#free(mapping)
  }

  /**
   * Keeps the memory that holds these bytes until {@link unpin} is called with what it returns. Undefined if they do not lie in one
   * mapping (EFAULT).
   */
  pin(offset: number, length: number): Region | undefined {
    for (const mapping of this.#mappings.values()) {
      const { region } = mapping
      if (offset < region.offset || offset + length > region.offset + region.length) continue
      if (!mapping.mapped) return undefined
      mapping.pins++
      return region
    }
    return undefined
  }

  unpin(region: Region): void {
    const mapping = this.#mappings.get(region.offset)
    if (mapping?.region !== region) return
    mapping.pins--
    this.#free(mapping)
  }

  #free(mapping: Mapping): void {
    if (mapping.mapped || mapping.pins > 0) return
    this.#mappings.delete(mapping.region.offset)
    this.#memory().release(mapping.region)
  }
}
