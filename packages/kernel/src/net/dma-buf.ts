import type { ApplicationMemory } from '../packet/application-memory.ts'
import type { Region } from '../packet/memory.ts'
import type { OpenObject } from './process.ts'

/** Memory of an application that stands in for the memory of a device. Bindings keep it there. */
export class DmaBuf implements OpenObject {
  readonly kind = 'dmabuf'
  readonly offset: number
  readonly length: number
  readonly #memory: ApplicationMemory
  readonly #pinned: Region
  #holders = 0

  constructor(memory: ApplicationMemory, pinned: Region, offset: number, length: number) {
    this.#memory = memory
    this.#pinned = pinned
    this.offset = offset
    this.length = length
  }

  hold(): void {
    this.#holders++
  }

  release(): void {
    if (--this.#holders === 0) this.#memory.unpin(this.#pinned)
  }
}
