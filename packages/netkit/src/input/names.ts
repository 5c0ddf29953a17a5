import { encodeText } from '@netkit/netlink'
import { InputError, shown } from './input-error.ts'

const NAME_BYTES = 15
const ALTNAME_BYTES = 127

/** Why this cannot be the name of a device, or nothing. Source: spec 01 §2.12. */
export function nameFault(name: string): string | undefined {
  const fault = plainFault(name)
  if (fault) return fault
  const at = name.indexOf('%')
  if (at < 0) return undefined
  const template = name.startsWith('%d', at) && !name.includes('%', at + 1)
  return template ? undefined : "may contain '%' only once, as '%d', which stands for the lowest free number"
}

function plainFault(name: string): string | undefined {
  const bytes = encodeText(name).length
  if (bytes < 1 || bytes > NAME_BYTES) return `must have 1 to ${NAME_BYTES} bytes`
  if (name === '.' || name === '..') return "must not be '.' or '..'"
  if (/[/:\s\0]/u.test(name)) return "must not contain '/', ':' or white space"
  return undefined
}

/** Refuses what cannot be the name of a device. */
export function checkName(op: string, option: string, name: unknown): void {
  if (typeof name !== 'string') throw new InputError(op, option, `must be a string, not ${shown(name)}`)
  const fault = nameFault(name)
  if (fault) throw new InputError(op, option, `${fault}, not ${shown(name)}`)
}

/** Refuses a name that the kernel would have to complete: where a device must be found again under it. */
export function checkWholeName(op: string, option: string, name: unknown): void {
  checkName(op, option, name)
  if ((name as string).includes('%'))
    throw new InputError(op, option, `must be a whole name, not the template ${shown(name)}`)
}

/** Refuses what cannot be an alternative name: those may be longer. */
export function checkAltname(op: string, option: string, name: unknown): void {
  if (typeof name !== 'string') throw new InputError(op, option, `must be a string, not ${shown(name)}`)
  const bytes = encodeText(name).length
  if (bytes < 1 || bytes > ALTNAME_BYTES)
    throw new InputError(op, option, `must have 1 to ${ALTNAME_BYTES} bytes, not ${bytes}`)
}
