import { spellings, type Word, type Words } from './words.ts'

/** Words with the values that were said for them. */
interface Layer {
  readonly words: Words
  readonly values: Record<string, unknown>
}

/** A word where it was found. */
export interface Found {
  readonly name: string
  readonly word: Word
  readonly layer: Layer
}

/**
 * The words that can be said at a place, and what was said. Some words bring further ones (the kind of a device those of
 * that kind); these shadow earlier words of the same name.
 */
export class Scope {
  /** The word that opened it: `peer`. */
  readonly name: string | undefined
  readonly #layers: Layer[] = []
  /** Words whose value may come without them, and that have not been said. */
  readonly #positionals: Found[] = []

  constructor(words: Words, name?: string) {
    this.name = name
    this.add(words)
  }

  add(words: Words): void {
    const layer = { words, values: {} }
    this.#layers.push(layer)
    for (const [name, word] of Object.entries(words)) if (word.positional) this.#positionals.push({ name, word, layer })
  }

  get values(): Record<string, unknown> {
    return this.#layers[0].values
  }

  /** What was said with words that other words brought; undefined if there are none. */
  get more(): Record<string, unknown> | undefined {
    const [, ...added] = this.#layers
    return added.length === 0 ? undefined : Object.assign({}, ...added.map((layer) => layer.values))
  }

  get nextPositional(): Found | undefined {
    return this.#positionals[0]
  }

  /** The word that is spelled so. */
  exact(text: string): Found | undefined {
    for (const layer of this.#layers.toReversed()) {
      for (const [spelling, name] of spellings(layer.words)) {
        if (spelling === text) return { name, word: layer.words[name], layer }
      }
    }
    return undefined
  }

  /** The words that begin so. */
  beginning(text: string): Found[] {
    const found = new Map<string, Found>()
    for (const layer of this.#layers.toReversed()) {
      for (const [spelling, name] of spellings(layer.words)) {
        if (spelling.startsWith(text) && !found.has(name)) found.set(name, { name, word: layer.words[name], layer })
      }
    }
    return [...found.values()]
  }

  get spellings(): string[] {
    return this.#layers.flatMap((layer) => [...spellings(layer.words)].map(([spelling]) => spelling))
  }

  /** Words that can still be said. */
  get open(): [name: string, word: Word][] {
    return this.beginning('')
      .filter(({ name, word, layer }) => word.multi || word.section || layer.values[name] === undefined)
      .map(({ name, word }) => [name, word])
  }

  /** Keeps a value. A word that takes one value is no longer expected without its name. */
  put({ name, word, layer }: Found, value: unknown): void {
    layer.values[name] = value
    const at = this.#positionals.findIndex((p) => p.name === name && p.layer === layer)
    if (at >= 0 && !word.multi) this.#positionals.splice(at, 1)
  }
}
