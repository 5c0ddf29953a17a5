import { type OptionReader, unknownOption } from './options.ts'
import { type Found, Scope } from './scope.ts'
import { suggest } from './suggest.ts'
import { UsageError } from './usage-error.ts'
import type { Value } from './value.ts'
import type { Word, Words } from './words.ts'

/** What may come next. */
export interface Expected {
  /** A value must come. */
  readonly value?: Value
  /** A value may come without its word. */
  readonly positional?: Value
  readonly words: readonly (readonly [name: string, word: Word])[]
}

const FEW = 8

/** Reads the words of one command, one by one; parsing and completion both go through it. */
export class Reader {
  readonly #words: Words
  readonly #options: OptionReader
  readonly #scopes: Scope[]
  /** Sections that were begun: they can be gone on with. */
  readonly #sections = new Map<string, Scope>()
  #pending: { readonly scope: Scope; readonly found: Found } | undefined
  /** The word whose value may stand next without it. */
  #follower: Found | undefined
  #rest: string[] | undefined

  constructor(words: Words, options: OptionReader) {
    this.#words = words
    this.#options = options
    this.#scopes = [new Scope(words)]
  }

  /** Takes the next word. Throws UsageError if it is not allowed there. */
  feed(text: string): void {
    if (this.#rest) this.#rest.push(text)
    else if (this.#pending) {
      const { scope, found } = this.#pending
      this.#pending = undefined
      this.#set(scope, found, text)
    } else if (this.#options.pending) this.#options.take(text)
    else this.#takeWord(text)
  }

  /** What was said. Throws UsageError if something is missing. */
  finish(): Record<string, unknown> {
    if (this.#pending) {
      const { name, word } = this.#pending.found
      throw new UsageError(`'${name}' needs a value: ${word.value!.allowed}`)
    }
    const [scope] = this.#scopes
    for (const [name, word] of Object.entries(this.#words)) {
      if (!word.required || scope.values[name] !== undefined) continue
      throw new UsageError(`${word.value?.name ?? name.toUpperCase()} is missing: ${word.doc}`)
    }
    return scope.more ? { ...scope.values, more: scope.more } : scope.values
  }

  expects(): Expected {
    const pending = this.#pending?.found.word.value ?? this.#options.pending
    if (pending) return { value: pending, words: [] }
    const next = this.#follower ?? this.#scope.nextPositional
    if (this.#rest || next?.word.rest) return { positional: COMMAND, words: [] }
    const outer = this.#scopes.slice(0, -1).flatMap((scope) => scope.open)
    const words = new Map([...outer, ...this.#scope.open].filter(([, word]) => !word.hidden && !word.rest))
    return { positional: next?.word.value, words: [...words] }
  }

  get #scope(): Scope {
    return this.#scopes.at(-1)!
  }

  #takeWord(text: string): void {
    const scope = this.#scope
    const next = scope.nextPositional
    const follower = this.#follower
    this.#follower = undefined
    if (next?.word.rest) {
      this.#rest = [text]
      scope.put(next, this.#rest)
      return
    }
    const exact = scope.exact(text)
    if (exact) this.#open(scope, exact)
    else if (this.#leaveSection(text)) this.#takeWord(text)
    else if (this.#options.take(text)) return
    else if (follower?.word.value?.parse(text) !== undefined) this.#set(scope, follower!, text)
    else if (next) this.#set(scope, next, text)
    else this.#open(scope, this.#short(scope, text))
  }

  /** A word that only describes what is around a section ends the section. */
  #leaveSection(text: string): boolean {
    const outer = this.#scopes.slice(0, -1).findLastIndex((scope) => scope.exact(text))
    if (outer < 0) return false
    this.#scopes.length = outer + 1
    return true
  }

  /** The one word that begins so. */
  #short(scope: Scope, text: string): Found {
    const found = text === '' ? [] : scope.beginning(text)
    if (found.length > 1) {
      throw new UsageError(`'${text}' may mean ${found.map((f) => f.name).join(' or ')}: write more of it`)
    }
    if (found.length === 0) throw unknownWord(scope, text)
    return found[0]
  }

  #open(scope: Scope, found: Found): void {
    const { name, word } = found
    if (word.section) {
      const before = word.multi ? undefined : this.#sections.get(name)
      const section = before ?? new Scope(word.section, name)
      this.#sections.set(name, section)
      const list = found.layer.values[name] as readonly object[] | undefined
      scope.put(found, word.multi ? [...(list ?? []), section.values] : section.values)
      this.#scopes.push(section)
    } else if (word.value) this.#pending = { scope, found }
    else if (found.layer.values[name] !== undefined) throw new UsageError(`'${name}' is given twice`)
    else scope.put(found, true)
  }

  #set(scope: Scope, found: Found, text: string): void {
    const { name, word, layer } = found
    const value = word.value!.parse(text)
    if (value === undefined) {
      const { allowed, choices } = word.value!
      throw new UsageError(`${name}: '${text}' is not ${allowed}`, { suggestion: choices && suggest(text, choices) })
    }
    const before = layer.values[name]
    if (word.multi) scope.put(found, [...((before as unknown[] | undefined) ?? []), value])
    else if (before !== undefined) throw new UsageError(`'${name}' is given twice, the second time as '${text}'`)
    else scope.put(found, value)
    if (word.adds) scope.add(word.adds(value))
    this.#follower = word.then === undefined ? undefined : { name: word.then, word: layer.words[word.then], layer }
  }
}

const COMMAND: Value = { name: 'COMMAND', allowed: 'a command', source: 'command', parse: (word) => word }

function unknownWord(scope: Scope, text: string): UsageError {
  if (/^--?[A-Za-z]/.test(text)) return unknownOption(text)
  const known = scope.spellings
  const near = suggest(text, known)
  const where = scope.name ? ` after '${scope.name}'` : ''
  const allowed = near || known.length > FEW || known.length === 0 ? '' : `; known are ${known.join(', ')}`
  return new UsageError(`'${text}' is unknown here${where}${allowed}`, { suggestion: near })
}
