import type { Json } from './json.ts'

/** One record as text and as JSON at once, so that both always say the same. */
export class Entry {
  readonly json: Record<string, Json> = {}
  #text = ''

  /** A member of the JSON object, and how the text says it. */
  add(key: string, value: Json, text: string): this {
    this.json[key] = value
    this.#text += text
    return this
  }

  /** What only the text says: punctuation, words. */
  say(text: string): this {
    this.#text += text
    return this
  }

  /** What only the JSON object has. */
  only(key: string, value: Json): this {
    this.json[key] = value
    return this
  }

  /** An object inside; its text joins this one's. */
  nest(key: string, fill: (inner: Entry) => void): this {
    const inner = new Entry()
    fill(inner)
    return this.add(key, inner.json, inner.#text)
  }

  /** The lines, without blanks at their ends. `oneline`: one line, with a backslash for each break. */
  text(oneline = false): string {
    const lines = this.#text.split('\n').map((line) => line.trimEnd())
    return lines.join(oneline ? '\\' : '\n')
  }
}
