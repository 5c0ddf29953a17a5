import { leading, type Words } from './words.ts'

const FIRST_CAPACITY = 8

/** The prefixes of one length: an open hash of their words. */
class OneLength<V> {
  readonly length: number
  readonly #mask: Int32Array
  #keys: Int32Array
  #values: (V | undefined)[]
  #last: number
  count = 0

  constructor(length: number, words: number) {
    this.length = length
    this.#mask = Int32Array.from({ length: words }, (_, i) => leading(length - 32 * i))
    this.#keys = new Int32Array(FIRST_CAPACITY * words)
    this.#values = new Array<V | undefined>(FIRST_CAPACITY).fill(undefined)
    this.#last = FIRST_CAPACITY - 1
  }

  /** Where the prefix of an address is, or would be put. */
  #slot(address: Words): number {
    const mask = this.#mask
    const keys = this.#keys
    const values = this.#values
    const last = this.#last
    const words = mask.length
    let hash = 0
    for (let i = 0; i < words; i++) {
      hash = Math.imul(hash ^ (address[i] & mask[i]), 0x9e3779b1)
      hash ^= hash >>> 15
    }
    for (let at = hash & last; ; at = (at + 1) & last) {
      if (values[at] === undefined) return at
      let i = 0
      for (let key = at * words; i < words && keys[key] === (address[i] & mask[i]); i++) key++
      if (i === words) return at
    }
  }

  get(address: Words): V | undefined {
    return this.#values[this.#slot(address)]
  }

  set(address: Words, value: V): void {
    const at = this.#slot(address)
    if (this.#values[at] === undefined) {
      for (let i = 0; i < this.#mask.length; i++) this.#keys[at * this.#mask.length + i] = address[i] & this.#mask[i]
      this.count++
    }
    this.#values[at] = value
    if (2 * this.count > this.#last) this.#rehash(2 * (this.#last + 1))
  }

  delete(address: Words): void {
    const at = this.#slot(address)
    if (this.#values[at] === undefined) return
    this.#values[at] = undefined
    this.count--
    // What stands behind may have been put there only because this place was taken.
    const words = this.#mask.length
    for (let next = (at + 1) & this.#last; ; next = (next + 1) & this.#last) {
      const value = this.#values[next]
      if (value === undefined) return
      const key = this.#keys.slice(next * words, (next + 1) * words)
      this.#values[next] = undefined
      this.count--
      this.set(key, value)
    }
  }

  #rehash(capacity: number): void {
    const keys = this.#keys
    const values = this.#values
    const words = this.#mask.length
    this.#keys = new Int32Array(capacity * words)
    this.#values = new Array<V | undefined>(capacity).fill(undefined)
    this.#last = capacity - 1
    this.count = 0
    for (let at = 0; at < values.length; at++) {
      const value = values[at]
      if (value !== undefined) this.set(keys.subarray(at * words, (at + 1) * words), value)
    }
  }

  *entries(): Generator<V, void, undefined> {
    for (const value of this.#values) if (value !== undefined) yield value
  }
}

/**
 * Values by prefix. Finding allocates nothing: whoever looks for the longest prefix of an address asks for each of `lengths`,
 * which are few in any real table.
 */
export class PrefixTable<V> {
  readonly #words: number
  readonly #byLength: (OneLength<V> | undefined)[] = []
  /** The lengths of the prefixes that there are, longest first. */
  lengths: Int32Array = new Int32Array(0)

  /** `words`: of an address. */
  constructor(words: number) {
    this.#words = words
  }

  /** The value of the prefix that an address has with the given length. */
  get(address: Words, length: number): V | undefined {
    return this.#byLength[length]?.get(address)
  }

  set(address: Words, length: number, value: V): void {
    let one = this.#byLength[length]
    if (one === undefined) {
      one = new OneLength<V>(length, this.#words)
      this.#byLength[length] = one
    }
    one.set(address, value)
    if (one.count === 1) this.#listLengths()
  }

  delete(address: Words, length: number): void {
    const one = this.#byLength[length]
    if (one === undefined) return
    one.delete(address)
    if (one.count > 0) return
    this.#byLength[length] = undefined
    this.#listLengths()
  }

  #listLengths(): void {
    const lengths: number[] = []
    for (let n = this.#byLength.length - 1; n >= 0; n--) if (this.#byLength[n] !== undefined) lengths.push(n)
    this.lengths = Int32Array.from(lengths)
  }

  /** All values, in no order. */
  *values(): Generator<V, void, undefined> {
    for (const one of this.#byLength) if (one !== undefined) yield* one.entries()
  }
}
