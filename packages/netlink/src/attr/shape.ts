/**
 * An object with these keys, to be copied by `{ ...blank }`: a copy has room for all of them at once, while an object
 * that gets them one after the other is moved to a bigger place again and again. The fields are made ready to hold
 * anything, so that values of another type do not change the hidden class of every copy.
 */
export function blankOf(keys: readonly string[]): Record<string, unknown> {
  const blank: Record<string, unknown> = JSON.parse(`{${keys.map((key) => `${JSON.stringify(key)}:0`).join(',')}}`)
  for (const value of ['', null]) for (const key of keys) blank[key] = value
  return blank
}

/** Which attributes a message had, in their order, and an object with room for their values. */
export interface Shape {
  readonly ids: readonly number[]
  readonly blank: Readonly<Record<string, unknown>>
}

/** Fewer attributes than this are quicker put into an object one by one. */
const MIN_ATTRS = 6
/** Lengths of messages that are remembered, for each table. */
const MAX_SHAPES = 64

/**
 * What messages of a table looked like, by their length: those of one length nearly always have the same attributes.
 * A guess only: whoever uses it checks each id.
 */
export class Shapes {
  readonly #byLength = new Map<number, Shape>()

  guess(length: number): Shape | undefined {
    return this.#byLength.get(length)
  }

  learn(length: number, ids: readonly number[], keys: readonly string[]): void {
    if (keys.length < MIN_ATTRS || ids.length !== keys.length) return
    if (this.#byLength.size >= MAX_SHAPES) this.#byLength.clear()
    this.#byLength.set(length, { ids, blank: blankOf(keys) })
  }
}
