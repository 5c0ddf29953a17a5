import { KernelError } from '@netkit/netlink'
import { IncompleteError, InputError, VerifierError } from 'netkit'
import { UsageError } from '../grammar/usage-error.ts'
import { printable } from '../print/printable.ts'

/** Exit statuses, as `ip` has them; `differs` is what `netkit diff` ends with when something does. */
export const STATUS = { done: 0, usage: 1, kernel: 2, differs: 3, other: 255 } as const

/** What was looked for is not there: a device or a namespace that a name does not find. */
export class NotFoundError extends Error {
  override readonly name = 'NotFoundError'
}

/** A failure (its `cause`) with advice on what to do about it. */
export class HintedError extends Error {
  override readonly name = 'HintedError'

  constructor(hint: string, options: { readonly cause: unknown }) {
    super(hint, options)
  }
}

/** Ends a command with a status; what there was to say has been said. */
export class Exit extends Error {
  override readonly name = 'Exit'
  readonly status: number

  constructor(status: number, options?: { readonly cause: unknown }) {
    super(`exit ${status}`, options)
    this.status = status
  }
}

const said = (message: string): string => `Error: ${printable(message)}\n`

/** What is said about a failure, and the status that it ends with. `path`: the command, as far as it was understood. */
export function failure(e: unknown, path: string | undefined): { readonly text: string; readonly status: number } {
  if (e instanceof HintedError) {
    const { text, status } = failure(e.cause, path)
    return { text: `${text}Hint: ${e.message}\n`, status }
  }
  if (e instanceof Exit) return { text: '', status: e.status }
  if (e instanceof UsageError) {
    const guess = e.suggestion === undefined ? '' : ` Did you mean '${e.suggestion}'?`
    const end = /[.?]$/.test(e.message) || !guess ? '' : '.'
    const help = ['netkit', 'help', ...(path?.split(' ') ?? [])].join(' ')
    return { text: `${said(`${e.message}${end}${guess}`)}See: ${help}\n`, status: STATUS.usage }
  }
  if (e instanceof InputError) return { text: said(inWords(e)), status: STATUS.usage }
  if (e instanceof NotFoundError) return { text: said(e.message), status: STATUS.usage }
  if (e instanceof VerifierError) return { text: logText(e) + said(e.message), status: STATUS.kernel }
  if (e instanceof KernelError) {
    // As in ip, where names are looked up before anything is asked for.
    return { text: said(e.message), status: e.code === 'ENODEV' ? STATUS.usage : STATUS.kernel }
  }
  if (e instanceof IncompleteError) return { text: said(e.message), status: failure(e.cause, path).status }
  return { text: said(e instanceof Error ? e.message : String(e)), status: STATUS.other }
}

/** Lines of a verifier's log that are shown: what led to the refusal. */
const LOG_LINES = 16

function logText({ log = [] }: VerifierError): string {
  const lines = log.filter((line) => line !== '')
  const left = lines.length - LOG_LINES
  const more = left > 0 ? [`... ${left} lines before`] : []
  return [...more, ...lines.slice(-LOG_LINES)].map((line) => `${printable(line)}\n`).join('')
}

const DOCTOR = 'netkit doctor says what this kernel can do'

/** What refusals of the machine's own kernel mean most often. */
const ON_LINUX: Readonly<Record<string, string>> = {
  EPERM: "the machine's Linux asks for privileges (CAP_NET_ADMIN): run it as root, or try it with -kernel embedded",
  EACCES: "the machine's Linux asks for privileges (CAP_NET_ADMIN): run it as root, or try it with -kernel embedded",
  'Unknown device type': DOCTOR,
  ENOENT: DOCTOR,
}

/** Advice about what the machine's own kernel refused, as a line of its own; empty where there is none to give. */
export function adviceOnLinux(e: unknown): string {
  if (e instanceof IncompleteError || e instanceof HintedError) return adviceOnLinux(e.cause)
  // What is wrong with a program is in its log; and EACCES with words of its own is no lack of privileges.
  if (!(e instanceof KernelError) || e instanceof VerifierError || (e.code === 'EACCES' && e.extack)) return ''
  const family = e.op.startsWith('find generic netlink family')
  const advice = ON_LINUX[e.extack ?? ''] ?? (e.code === 'ENOENT' && !family ? undefined : ON_LINUX[e.code])
  return advice === undefined ? '' : `Hint: ${advice}\n`
}

/** What the SDK refused, with its option called as on the command line: `peer numrxqueues` for `peer.numRxQueues`. */
const inWords = ({ op, option, message }: InputError): string => {
  const word = option
    .replace(/^data\./, '')
    .replaceAll('.', ' ')
    .toLowerCase()
  return message.replace(`${op}: ${option}`, `${op}: ${word}`)
}
