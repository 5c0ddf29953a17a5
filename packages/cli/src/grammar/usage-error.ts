/**
 * The words of a command line are wrong. The message is one sentence that says what was refused, which value, and what is
 * allowed; `suggestion` is a word that may have been meant.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly suggestion: string | undefined

  constructor(message: string, suggestion?: string) {
    super(message)
    this.suggestion = suggestion
  }
}
