import { type OptionReader, unknownOption } from './options.ts'
import { suggest } from './suggest.ts'
import { UsageError } from './usage-error.ts'
import type { Value } from './value.ts'
import { spellings, type Word, type Words } from './words.ts'

/** The words that can be said at a place, and what was said. */
interface Scope {
  readonly known: Words[]
  readonly values: Record<string, unknown>
  /** Values of words that another word added. */
  more?: Record<string, unknown>
  /** Words whose value may come without them, that have not been said. */
  readonly positionals: string[]
  /** The word that opened it: `peer`. */
  readonly name?: string
}

/** What may come next. */
export interface Expected {
  /** A value must come: the one of this word. */
  readonly value?: Value
  /** A value may come without its word. */
  readonly positional?: Value
  readonly words: readonly (readonly [name: string, word: Word])[]
}

const scopeOf = (words: Words, name?: string): Scope => ({
  known: [words],
  values: {},
  positionals: Object.keys(words).filter((key) => words[key].positional),
  name,
})

/** Reads the words of one command, one by one; parsing and completion both go through it. */
export class Reader {
  readonly #options: OptionReader
  readonly #scopes: Scope[]
  #pending: { readonly name: string; readonly word: Word; readonly scope: Scope } | undefined
  #rest: string[] | undefined

  constructor(words: Words, options: OptionReader) {
    this.#options = options
    this.#scopes = [scopeOf(words)]
  }

  feed(text: string): void {
    if (this.#rest) this.#rest.push(text)
    else if (this.#pending) this.#takeValue(text)
    else if (this.#options.pending) this.#options.take(text)
    else this.#takeWord(text)
  }

  /** What was said. Throws UsageError if something is missing. */
  finish(): Record<string, unknown> {
    if (this.#pending) {
      const { name, word } = this.#pending
      throw new UsageError(`'${name}' needs a value: ${word.value!.allowed}`)
    }
    const [scope] = this.#scopes
    for (const [name, word] of Object.entries(scope.known[0])) {
      if (word.required && scope.values[name] === undefined) {
        throw new UsageError(
          `${word.value?.name ?? name} is missing: ${word.value ? `'${name}', ${word.doc}` : word.doc}`,
        )
      }
    }
    return scope.more ? { ...scope.values, more: scope.more } : scope.values
  }

  expects(): Expected {
    const pending = this.#pending?.word.value ?? this.#options.pending
    if (pending) return { value: pending, words: [] }
    const scope = this.#scope
    const next = scope.positionals[0]
    const positional = this.#rest
      ? ({ source: 'command' } as Value)
      : next === undefined
        ? undefined
        : this.#word(scope, next)?.value
    const open = scope.known
      .flatMap((words) => Object.entries(words))
      .filter(([name, word]) => word.multi || !this.#said(scope, name))
    return { positional, words: this.#rest ? [] : open.filter(([, word]) => !word.hidden && !word.rest) }
  }

  get #scope(): Scope {
    return this.#scopes.at(-1)!
  }

  #word(scope: Scope, name: string): Word | undefined {
    return scope.known.find((words) => Object.hasOwn(words, name))?.[name]
  }

  #said(scope: Scope, name: string): boolean {
    return scope.values[name] !== undefined || scope.more?.[name] !== undefined
  }

  #takeValue(text: string): void {
    const { name, word, scope } = this.#pending!
    this.#pending = undefined
    this.#set(scope, name, word, text)
  }

  #takeWord(text: string): void {
    const scope = this.#scope
    const next = scope.positionals[0]
    if (next !== undefined && this.#word(scope, next)!.rest) {
      this.#open(scope, next, this.#word(scope, next)!)
      this.#rest!.push(text)
      return
    }
    const exact = this.#exact(scope, text)
    if (exact) this.#open(scope, ...exact)
    else if (this.#options.take(text)) return
    else if (next !== undefined) this.#set(scope, next, this.#word(scope, next)!, text)
    else this.#open(scope, ...this.#short(scope, text))
  }

  #exact(scope: Scope, text: string): [string, Word] | undefined {
    for (const words of scope.known)
      for (const [spelling, name] of spellings(words)) if (spelling === text) return [name, words[name]]
    return undefined
  }

  /** The one word that begins so. */
  #short(scope: Scope, text: string): [string, Word] {
    const found = new Map<string, Word>()
    for (const words of scope.known) {
      for (const [spelling, name] of spellings(words)) {
        if (text !== '' && spelling.startsWith(text)) found.set(name, words[name])
      }
    }
    if (found.size > 1) throw new UsageError(`'${text}' may mean ${[...found.keys()].join(' or ')}: write more of it`)
    const [only] = found
    if (!only) throw this.#unknown(scope, text)
    return only
  }

  #open(scope: Scope, name: string, word: Word): void {
    if (word.rest) {
      this.#rest = []
      this.#put(scope, name, this.#rest)
    } else if (word.section) {
      if (this.#said(scope, name)) throw new UsageError(`'${name}' is given twice`)
      const section = scopeOf(word.section, name)
      this.#put(scope, name, section.values)
      this.#scopes.push(section)
    } else if (word.value) this.#pending = { name, word, scope }
    else if (this.#said(scope, name)) throw new UsageError(`'${name}' is given twice`)
    else this.#put(scope, name, true)
  }

  #set(scope: Scope, name: string, word: Word, text: string): void {
    const value = word.value!.parse(text)
    if (value === undefined) {
      const { allowed, choices } = word.value!
      throw new UsageError(`${name}: '${text}' is not ${allowed}`, choices && suggest(text, choices))
    }
    if (word.multi) {
      const list = (this.#home(scope, name)[name] as unknown[] | undefined) ?? []
      this.#put(scope, name, [...list, value])
    } else if (this.#said(scope, name)) throw new UsageError(`'${name}' is given twice, the second time as '${text}'`)
    else this.#put(scope, name, value)
    if (word.adds) {
      const added = word.adds(value)
      scope.known.push(added)
      scope.positionals.push(...Object.keys(added).filter((key) => added[key].positional))
    }
  }

  #home(scope: Scope, name: string): Record<string, unknown> {
    if (Object.hasOwn(scope.known[0], name)) return scope.values
    scope.more ??= {}
    return scope.more
  }

  #put(scope: Scope, name: string, value: unknown): void {
    this.#home(scope, name)[name] = value
    const at = scope.positionals.indexOf(name)
    if (at >= 0 && !this.#word(scope, name)!.multi) scope.positionals.splice(at, 1)
  }

  #unknown(scope: Scope, text: string): UsageError {
    for (const outer of this.#scopes.slice(0, -1)) {
      if (this.#exact(outer, text))
        return new UsageError(`'${text}' does not describe the ${scope.name}: say it before '${scope.name}'`)
    }
    if (/^--?[A-Za-z]/.test(text)) return unknownOption(text)
    const known = scope.known.flatMap((words) => [...spellings(words)].map(([spelling]) => spelling))
    const near = suggest(text, known)
    const allowed = known.length <= 8 && known.length > 0 ? `; known are ${known.join(', ')}` : ''
    const where = scope.name ? ` after '${scope.name}'` : ''
    return new UsageError(`'${text}' is unknown here${where}${near ? '' : allowed}`, near)
  }
}
