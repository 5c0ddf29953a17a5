/** Where completion finds candidates: a fixed list, or something that only the kernel or the file system knows. */
export type Source = readonly string[] | 'device' | 'namespace' | 'nic' | 'file' | 'command'

/** What one word of a command line may be, when it is a value. */
export interface Value<T = unknown> {
  /** How help calls it: `MTU`, `DEV`, `{ l2 | l3 }`. */
  readonly name: string
  /** What is allowed, for people: `68 to 65535`. Completes the sentence "'x' is not ...". */
  readonly allowed: string
  /** Undefined if the word is not allowed. */
  parse(word: string): T | undefined
  readonly source?: Source
  /** Words that are values by name, for suggestions. */
  readonly choices?: readonly string[]
}
