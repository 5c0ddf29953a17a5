/** Packets and when they are due, earliest first; of those due at the same time, the one that came first. A binary heap. */
export class DueQueue {
  readonly #handles: Int32Array
  /** When each is due, in any unit, and its place among those that came. */
  readonly #times: Float64Array
  readonly #order: Float64Array
  #count = 0
  #next = 0

  constructor(capacity: number) {
    this.#handles = new Int32Array(capacity)
    this.#times = new Float64Array(capacity)
    this.#order = new Float64Array(capacity)
  }

  get count(): number {
    return this.#count
  }

  get full(): boolean {
    return this.#count === this.#handles.length
  }

  /** When the first is due. There must be one. */
  get earliest(): number {
    return this.#times[0]
  }

  /** There must be room. */
  push(handle: number, time: number): void {
    let at = this.#count++
    const order = this.#next++
    while (at > 0) {
      const above = (at - 1) >> 1
      if (this.#times[above] <= time) break
      this.#move(above, at)
      at = above
    }
    this.#put(at, handle, time, order)
  }

  /** Takes the first. There must be one. */
  pop(): number {
    const first = this.#handles[0]
    const last = --this.#count
    const time = this.#times[last]
    const order = this.#order[last]
    let at = 0
    for (let child = 1; child < last; child = 2 * at + 1) {
      if (child + 1 < last && this.#before(child + 1, this.#times[child], this.#order[child])) child++
      if (!this.#before(child, time, order)) break
      this.#move(child, at)
      at = child
    }
    this.#put(at, this.#handles[last], time, order)
    return first
  }

  #before(at: number, time: number, order: number): boolean {
    return this.#times[at] < time || (this.#times[at] === time && this.#order[at] < order)
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#handles[from], this.#times[from], this.#order[from])
  }

  #put(at: number, handle: number, time: number, order: number): void {
    this.#handles[at] = handle
    this.#times[at] = time
    this.#order[at] = order
  }
}
