import type { Value } from './value.ts'

/** A word that a command knows: a flag (`up`), or the name of a value that follows it (`mtu 1400`). */
// biome-ignore lint/suspicious/noExplicitAny: words of one command carry different values
export interface Word<T = any> {
  readonly doc: string
  /** The value that follows. Absent: the word alone says it. */
  readonly value?: Value<T>
  /** Other spellings. */
  readonly aliases?: readonly string[]
  /** The value may stand without the word, in the order of the words that are declared so. */
  readonly positional?: true
  /** The word whose value may follow this one's at once: `delay 10ms 2ms` means `delay 10ms jitter 2ms`. */
  readonly then?: string
  /** May stand several times; its values make a list. */
  readonly multi?: true
  readonly required?: true
  /** Takes all words that follow, as they are. */
  readonly rest?: true
  /** Words that may follow from here on because of the value: those of a kind of device. */
  readonly adds?: (value: T) => Words
  /**
   * Words that describe another thing, up to the end of the line: a peer. They are collected apart; with `multi`, each time
   * anew.
   */
  readonly section?: Words
  /** Makes the positional values of a section's own. */
  readonly hidden?: true
}

export type Words = Readonly<Record<string, Word>>

type One<W extends Word> = W extends { rest: true }
  ? readonly string[]
  : W extends { section: infer S extends Words }
    ? W extends { multi: true }
      ? readonly ArgsOf<S>[]
      : ArgsOf<S>
    : W extends { value: Value<infer T> }
      ? W extends { multi: true }
        ? readonly T[]
        : T
      : true

/** What was said: the value by its word. What was not said is absent. Words that another word adds are under `more`. */
export type ArgsOf<W extends Words> = {
  readonly [K in keyof W as W[K] extends { required: true } ? K : never]: One<W[K]>
} & {
  readonly [K in keyof W as W[K] extends { required: true } ? never : K]?: One<W[K]>
} & { readonly more?: Readonly<Record<string, unknown>> }

/** Names and aliases of a set of words, in order, with the word that each means. */
export function* spellings(words: Words): Generator<readonly [spelling: string, name: string]> {
  for (const [name, word] of Object.entries(words)) {
    yield [name, name]
    for (const alias of word.aliases ?? []) yield [alias, name]
  }
}
