import type { MapMemory } from '@netkit/bpf'
import type { PacketMemory, Region } from '../../packet/memory.ts'

/**
 * Packet memory as maps and programs use it. It belongs to the packets, because programs follow pointers into packets, maps and
 * stacks alike, and compiled programs have one memory only; what lies here is reserved in it, and given back.
 */
export class ProgramMemory implements MapMemory {
  readonly #packetMemory: () => PacketMemory
  readonly #regions = new Map<number, Region>()
  #view: DataView = new DataView(new ArrayBuffer(0))
  #scratch: Region | undefined

  /** `packetMemory` is called when something is needed: a kernel without maps and packets has none. */
  constructor(packetMemory: () => PacketMemory) {
    this.#packetMemory = packetMemory
  }

  get packets(): PacketMemory {
    return this.#packetMemory()
  }

  get u8(): Uint8Array {
    return this.packets.u8
  }

  get view(): DataView {
    const { buffer } = this.u8
    if (this.#view.buffer !== buffer) this.#view = new DataView(buffer)
    return this.#view
  }

  reserve(bytes: number): number {
    const region = this.packets.reserve('map or program', bytes)
    if (!region) return 0
    this.#regions.set(region.offset, region)
    return region.offset
  }

  release(offset: number): void {
    const region = this.#regions.get(offset)
    if (!region) throw new Error(`nothing is reserved at ${offset}`)
    this.#regions.delete(offset)
    this.packets.release(region)
  }

  /** Room for the keys and values of one request; 0 if there is none. */
  scratch(bytes: number): number {
    if (this.#scratch && this.#scratch.length >= bytes) return this.#scratch.offset
    if (this.#scratch) this.packets.release(this.#scratch)
    this.#scratch = this.packets.reserve('keys and values of requests', Math.max(bytes, 4096))
    return this.#scratch?.offset ?? 0
  }
}
