/** Bytes or text are not instructions. `offset` is the byte (of bytes) that is wrong. */
export class IsaError extends Error {
  override readonly name = 'IsaError'
  readonly offset: number
  constructor(message: string, offset: number) {
    super(`${message} (byte ${offset})`)
    this.offset = offset
  }
}
