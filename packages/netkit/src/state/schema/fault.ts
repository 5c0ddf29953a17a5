/** Where something stands in a document: keys and positions in lists. */
export type StatePath = readonly (string | number)[]

/** Something in a document that cannot be. */
export interface StateFault {
  readonly path: StatePath
  /** Completes the sentence that begins with the path: `must be an integer from 0 to 65535, not 'x'`. */
  readonly message: string
  /** The option that would allow it. */
  readonly needs?: 'allowRecreate'
}

/** `pairs.nk0.peer.leases[0].queue` */
export const pathText = (path: StatePath): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? key : `${text}.${key}`
  }, '')

export const faultText = ({ path, message }: StateFault): string =>
  path.length === 0 ? `the document ${message}` : `${pathText(path)} ${message}`

/** Declared state that cannot be brought about: nothing was sent, or nothing more was. `faults` say what and where. */
export class StateError extends Error {
  override readonly name = 'StateError'
  readonly faults: readonly StateFault[]

  constructor(faults: readonly StateFault[]) {
    super(faults.map(faultText).join('; '))
    this.faults = faults
  }
}
