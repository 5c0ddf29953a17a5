import type { Value } from '@netkit/bpf'
import { UsageError } from '../../grammar/usage-error.ts'
import { bytesOfHex } from './hex.ts'

/** `limit=5`. */
export function splitAssignment(text: string): [name: string, value: string] {
  const at = text.indexOf('=')
  if (at <= 0) throw new UsageError(`set: '${text}' is not VARIABLE=VALUE`)
  return [text.slice(0, at), text.slice(at + 1)]
}

/** A value as users write it: JSON, or a number or name as it is. What type it has decides whoever takes it. */
export function variableValue(text: string): Value {
  if (!/^[[{"]|^(true|false)$/.test(text)) return text
  try {
    return JSON.parse(text) as Value
  } catch (cause) {
    throw new UsageError(`'${text}' is not JSON`, { cause })
  }
}

/** A key or value of a map: `hex` and pairs of digits, JSON, a number, a name. */
export function elementValue(text: string): Value | Uint8Array {
  const digits = /^(hex[: ])(.*)$/i.exec(text)?.[2] ?? (/^[\da-f]{2}([ :][\da-f]{2})+$/i.test(text) ? text : undefined)
  const bytes = digits === undefined ? undefined : bytesOfHex(digits.replaceAll(':', ' '))
  return bytes ?? variableValue(text)
}
