import { FilterError } from './error.ts'
import type { Token } from './tokens.ts'

/** Tokens, one after the other. */
export class Reader {
  readonly #tokens: readonly Token[]
  at = 0
  /** Bytes of VLAN tags that what follows looks behind. */
  tags = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  get next(): Token {
    return this.#tokens[Math.min(this.at, this.#tokens.length - 1)]
  }

  /** The token after the next one. */
  get second(): Token {
    return this.#tokens[Math.min(this.at + 1, this.#tokens.length - 1)]
  }

  take(): Token {
    const token = this.next
    this.at++
    return token
  }

  /** Takes the next token if it is this one. */
  takes(...texts: string[]): boolean {
    if (!texts.includes(this.next.text) || this.next.kind === 'end') return false
    this.at++
    return true
  }

  demand(text: string): void {
    if (!this.takes(text)) this.fail(`expected '${text}', not ${this.shown}`)
  }

  fail(what: string, at = this.next.at): never {
    throw new FilterError(at, what)
  }

  get shown(): string {
    return this.next.kind === 'end' ? 'the end' : `'${this.next.text}'`
  }

  /** What `read` reads, or undefined, and nothing was read, if it cannot. */
  attempt<T>(read: () => T): T | undefined {
    const { at, tags } = this
    try {
      return read()
    } catch (e) {
      if (!(e instanceof FilterError)) throw e
      this.at = at
      this.tags = tags
      return undefined
    }
  }
}
