/** What was asked for makes no sense, and was refused before anything was sent. One sentence says what was expected. */
export class InputError extends TypeError {
  override readonly name = 'InputError'
  /** What was tried, as a user would say it. */
  readonly op: string
  /** The option that is wrong, as a path: `peer.mtu`. */
  readonly option: string

  constructor(op: string, option: string, expected: string) {
    super(`${op}: ${option} ${expected}`)
    this.op = op
    this.option = option
  }
}

/** How a value looks in a message. */
export const shown = (value: unknown): string => {
  if (typeof value === 'string') return `'${value}'`
  if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
