import { MAP_HEADER, MAP_TYPE, MAP_TYPES, type SpecialField } from '@netkit/bpf'
import type { ProgramMemory } from './memory.ts'
import type { Timers } from './timers.ts'

/** Members of maps' values that only helpers may touch, by the maps' handles: kept from updates and readers, ended with their values. */
export class SpecialValues {
  readonly #memory: ProgramMemory
  readonly #timers: Timers
  readonly #fields = new Map<number, readonly SpecialField[]>()

  constructor(memory: ProgramMemory, timers: Timers) {
    this.#memory = memory
    this.#timers = timers
  }

  get(map: number): readonly SpecialField[] | undefined {
    return this.#fields.get(map)
  }

  add(map: number, fields: readonly SpecialField[]): void {
    this.#fields.set(map, fields)
  }

  /** A map is no more, or nobody uses it. */
  end(map: number, isGone: boolean): void {
    if (!this.#fields.has(map)) return
    this.#timers.endAll(map)
    if (isGone) this.#fields.delete(map)
  }

  /** Before an update or a removal of the value of a key: what to do afterwards. `value`: what is written, 0 for nothing. */
  change(map: number, key: number, value: number): (() => void) | undefined {
    const fields = this.#fields.get(map)
    if (!fields) return undefined
    const { view, u8 } = this.#memory
    const number = view.getUint32(map + MAP_HEADER.TYPE, true)
    const type = MAP_TYPES.get(number)
    const old = type?.lookup(this.#memory, map, key) ?? 0
    const stays = number === MAP_TYPE.array
    const kept = fields.map(({ at, size }) =>
      stays && old > 0 ? u8.slice(old + at, old + at + size) : new Uint8Array(size),
    )
    return () => {
      const now = type?.lookup(this.#memory, map, key) ?? 0
      if (!stays && old > 0) for (const { at } of fields) this.#timers.end(old + at)
      if (value !== 0 && now > 0) for (const [i, { at }] of fields.entries()) this.#memory.u8.set(kept[i], now + at)
    }
  }

  /** A value as readers see it. */
  hide(map: number, value: Uint8Array): Uint8Array {
    for (const { at, size } of this.#fields.get(map) ?? []) value.fill(0, at, at + size)
    return value
  }
}
