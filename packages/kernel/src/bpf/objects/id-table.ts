/** Objects by id. Ids ascend from 1; one that was used is not given out again before all others were. */
export class IdTable<T extends { readonly id: number }> {
  readonly #byId = new Map<number, T>()
  #last = 0
  /** Ids, ascending; made when asked for. */
  #sorted: number[] | undefined

  /** The id that the next object gets. */
  nextId(): number {
    do this.#last = this.#last >= 0x7fff_ffff ? 1 : this.#last + 1
    while (this.#byId.has(this.#last))
    return this.#last
  }

  add(object: T): T {
    this.#byId.set(object.id, object)
    this.#sorted = undefined
    return object
  }

  delete(id: number): void {
    this.#byId.delete(id)
    this.#sorted = undefined
  }

  get(id: number): T | undefined {
    return this.#byId.get(id)
  }

  /** The lowest id above `id`; undefined: there is none. */
  after(id: number): number | undefined {
    this.#sorted ??= [...this.#byId.keys()].sort((a, b) => a - b)
    return this.#sorted.find((n) => n > id)
  }

  get size(): number {
    return this.#byId.size
  }

  values(): IterableIterator<T> {
    return this.#byId.values()
  }
}
