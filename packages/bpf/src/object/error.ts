/** An object file asks for something that cannot be had, or contradicts itself. */
export class ObjectError extends Error {
  override readonly name = 'ObjectError'
  /** As libbpf would report it: `ENOTSUP`, `EINVAL`, `ESRCH`, … */
  readonly code: string
  /** Section and byte in it, where one is meant. */
  readonly where: string | undefined
  constructor(code: string, message: string, where?: string) {
    super(where ? `${where}: ${message}` : message)
    this.code = code
    this.where = where
  }
}
