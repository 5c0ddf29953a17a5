/** A dump was interrupted by changes, again and again, so that no consistent answer could be had. Trying later may help. */
export class DumpInterruptedError extends Error {
  override readonly name = 'DumpInterruptedError'
  /** What was tried, as a user would say it. */
  readonly op: string
  /** How often it was tried. */
  readonly attempts: number

  constructor(op: string, attempts: number) {
    super(`${op}: what was listed changed while it was read, ${attempts} times in a row`)
    this.op = op
    this.attempts = attempts
  }
}

/** The kernel's answer to a request got lost (ENOBUFS, or the connection broke): whether it was carried out is unknown. */
export class AnswerLostError extends Error {
  override readonly name = 'AnswerLostError'
  /** What was tried, as a user would say it. */
  readonly op: string

  constructor(op: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super(`${op}: the answer was lost, so whether it was carried out is unknown (${why})`, { cause })
    this.op = op
  }
}
