/**
 * The words of a command line are wrong. The message is one sentence that says what was refused, which value, and what is
 * allowed; `suggestion` is a word that may have been meant.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly suggestion: string | undefined

  constructor(message: string, options: { readonly suggestion?: string; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.suggestion = options.suggestion
  }
}
