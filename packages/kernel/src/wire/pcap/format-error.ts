/** A capture that cannot be read on: what is wrong and at which byte of it. Records before that byte were good. */
export class CaptureFormatError extends Error {
  override readonly name = 'CaptureFormatError'
  /** Byte of the capture, counted from 0. */
  readonly offset: number

  constructor(problem: string, offset: number) {
    super(`${problem} (byte ${offset})`)
    this.offset = offset
  }
}
