/** Bytes are not what they are said to be. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
  /** Byte of the file or section that is wrong. */
  readonly offset: number
  constructor(what: string, message: string, offset: number) {
    super(`${what}: ${message} (byte ${offset})`)
    this.offset = offset
  }
}
