import { InputError } from '../../input/input-error.ts'
import type { StateFault, StatePath } from './fault.ts'

/** What keeps the text of a value from being read, if anything does: InputError as a fault of the document. */
export function inputFault(path: StatePath, read: () => unknown): StateFault | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const { op, option, message } = error
    return { path: [...path, option], message: message.slice(`${op}: ${option} `.length) }
  }
}
