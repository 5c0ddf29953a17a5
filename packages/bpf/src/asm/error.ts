/** Text is not assembly. */
export class AsmError extends Error {
  override readonly name = 'AsmError'
  /** Line of the text, from 1. */
  readonly line: number
  constructor(message: string, at: { readonly line: number; readonly cause?: unknown }) {
    super(`line ${at.line}: ${message}`, at)
    this.line = at.line
  }
}
