import { KernelError } from '@netkit/netlink'
import { IncompleteError, InputError } from 'netkit'
import { UsageError } from '../grammar/usage-error.ts'

/** Exit statuses, as `ip` has them. */
export const STATUS = { done: 0, usage: 1, kernel: 2, other: 255 } as const

/** What was looked for is not there: a device or a namespace that a name does not find. */
export class NotFoundError extends Error {
  override readonly name = 'NotFoundError'
}

/** Ends a command with a status; what there was to say has been said. */
export class Exit extends Error {
  override readonly name = 'Exit'
  readonly status: number

  constructor(status: number) {
    super(`exit ${status}`)
    this.status = status
  }
}

/** What is said about a failure, and the status that it ends with. `path`: the command, as far as it was understood. */
export function failure(e: unknown, path: string | undefined): { readonly text: string; readonly status: number } {
  if (e instanceof Exit) return { text: '', status: e.status }
  if (e instanceof UsageError) {
    const guess = e.suggestion === undefined ? '' : ` Did you mean '${e.suggestion}'?`
    const end = /[.?]$/.test(e.message) || !guess ? '' : '.'
    const help = ['netkit', 'help', ...(path?.split(' ') ?? [])].join(' ')
    return { text: `Error: ${e.message}${end}${guess}\nSee: ${help}\n`, status: STATUS.usage }
  }
  if (e instanceof InputError || e instanceof NotFoundError)
    return { text: `Error: ${e.message}\n`, status: STATUS.usage }
  if (e instanceof KernelError) {
    // As in ip, where names are looked up before anything is asked for.
    return { text: `Error: ${e.message}\n`, status: e.code === 'ENODEV' ? STATUS.usage : STATUS.kernel }
  }
  if (e instanceof IncompleteError) return { text: `Error: ${e.message}\n`, status: failure(e.cause, path).status }
  return { text: `Error: ${e instanceof Error ? e.message : String(e)}\n`, status: STATUS.other }
}
