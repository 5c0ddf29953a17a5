import { ZCRX_RQ } from '@netkit/netlink'
import type { PacketMemory } from '../packet/memory.ts'
import type { Areas } from './areas.ts'

/** Entries that are looked at in one go. Source: spec 03 §3.3. */
const LOOK = 256

/** What {@link RefillRing.next} says instead of a buf. */
export const NONE = -1
export const MALFORMED = -2

/** The ring by which the application gives bufs back. Whatever it writes there is only ever believed as far as it can be checked. */
export class RefillRing {
  readonly entries: number
  readonly #memory: PacketMemory
  readonly #areas: Areas
  /** Word index of the ring's header in packet memory. */
  readonly #base: number
  readonly #mask: number
  #head = 0
  #left = 0

  /** @param offset of the ring in packet memory. @param entries a power of two. */
  constructor(memory: PacketMemory, offset: number, entries: number, areas: Areas) {
    this.#memory = memory
    this.entries = entries
    this.#areas = areas
    this.#base = offset >> 2
    this.#mask = entries - 1
  }

  /** Sees how many entries there are to take, at most so many as one look may. */
  look(most = LOOK): number {
    const tail = Atomics.load(this.#memory.i32, this.#base + (ZCRX_RQ.tail >> 2))
    this.#left = Math.min((tail - this.#head) >>> 0, this.entries, most)
    return this.#left
  }

  /** The buf that the next entry names; MALFORMED for one that names none, NONE after the last that {@link look} saw. */
  next(): number {
    if (this.#left === 0) return NONE
    this.#left--
    const { i32 } = this.#memory
    const at = this.#base + (ZCRX_RQ.rqes >> 2) + ((this.#head++ & this.#mask) << 2)
    if (i32[at + (ZCRX_RQ.pad >> 2)] !== 0) return MALFORMED
    const buf = this.#areas.decode(i32[at], i32[at + 1])
    return buf < 0 ? MALFORMED : buf
  }

  /** Tells the application how far its entries are taken. */
  publish(): void {
    Atomics.store(this.#memory.i32, this.#base + (ZCRX_RQ.head >> 2), this.#head)
  }
}
