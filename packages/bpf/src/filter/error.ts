/** A filter that cannot be understood. */
export class FilterError extends Error {
  override readonly name = 'FilterError'
  /** Place in the filter, from 0. */
  readonly at: number
  constructor(at: number, what: string) {
    super(`filter, at ${at + 1}: ${what}`)
    this.at = at
  }
}
