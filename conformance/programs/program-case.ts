import type { Chance } from '../differential/chance.ts'

/** Bytes of a map's key and value. */
export type Element = readonly [key: Uint8Array, value: Uint8Array]

/** A program of examples/programs with what is in its maps and what it is shown. */
export interface ProgramCase {
  /** Of the source, without `.c`. */
  readonly object: string
  /** Programs of it that run, one of them for each packet. */
  readonly programs: readonly string[]
  /** Constants that are set before it is loaded, as unsigned numbers. */
  readonly constants?: Readonly<Record<string, number>>
  /** Elements by map. */
  readonly elements?: (chance: Chance) => Readonly<Record<string, readonly Element[]>>
  /** Programs in prog arrays, by map. */
  readonly stages?: Readonly<Record<string, readonly string[]>>
  readonly frame: (chance: Chance) => Uint8Array
  /** Programs in a row, as at a device: each of them runs while those before it say NEXT, with the context that they left. */
  readonly inTurn?: boolean
  /** Maps whose contents cannot be compared, and why. */
  readonly volatile?: Readonly<Record<string, string>>
}
