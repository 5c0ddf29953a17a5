import { type AnyTable, encodeText, type NamedRow, type Policy, rangeOf } from '@netkit/netlink'
import { InputError, shown } from './input-error.ts'

/** What attributes are given for: some are taken at creation only, some never. */
export type Purpose = 'create' | 'change'

/** Refuses keys that mean nothing, so that a slip of the pen is not taken for "leave it as it is". */
export function checkKeys(op: string, path: string, options: object, known: ReadonlySet<string>): void {
  for (const key of Object.keys(options)) {
    if (known.has(key)) continue
    throw new InputError(op, join(path, key), `is not known; known are ${[...known].sort().join(', ')}`)
  }
}

/** Holds attributes against their table: known, allowed for this purpose, of the right type and within the kernel's limits. */
export function checkAttrs(op: string, path: string, table: AnyTable, attrs: object, purpose: Purpose): void {
  for (const [key, value] of Object.entries(attrs)) {
    if (value === undefined || key === 'rest') continue
    const row = table.byId.find((r) => r?.key === key)
    const option = join(path, key)
    if (!row) throw new InputError(op, option, `is not known; known are ${Object.keys(table.rows).join(', ')}`)
    checkAttr(op, option, row, value, purpose)
  }
}

/** Holds one attribute against its row. */
export function checkAttr(op: string, option: string, row: NamedRow, value: unknown, purpose: Purpose): void {
  if (row.access === 'read') throw new InputError(op, option, 'is told by the kernel and cannot be given')
  if (row.access === 'create' && purpose === 'change')
    throw new InputError(op, option, 'can be given only when the device is made')
  if (!row.multi) checkValue(op, option, row, value, purpose)
  else if (!Array.isArray(value)) throw new InputError(op, option, `must be a list, not ${shown(value)}`)
  else for (const [i, item] of value.entries()) checkValue(op, `${option}[${i}]`, row, item, purpose)
}

const INTEGER = /^[us](8|16|32|64|int)$/
const ADDRESS = /^[0-9a-f]{2}([:-][0-9a-f]{2})*$/i

function checkValue(op: string, option: string, row: NamedRow, value: unknown, purpose: Purpose): void {
  const { codec } = row
  const policy = row.policy ?? codec.policy
  const inner = codec.table?.()
  if (inner) {
    if (typeof value !== 'object' || value === null)
      throw new InputError(op, option, `must be an object, not ${shown(value)}`)
    checkAttrs(op, option, inner, value, purpose)
  } else if (codec.kind === 'address') checkAddress(op, option, value)
  else if (codec.kind === 'string') checkString(op, option, policy, value)
  else if (codec.kind.startsWith('enum') && codec.names) checkEnum(op, option, codec.names, policy, value)
  else if (INTEGER.test(codec.kind)) checkInteger(op, option, limitsOf(policy, codec.policy), value)
}

function checkAddress(op: string, option: string, value: unknown): void {
  if (typeof value === 'string' && ADDRESS.test(value)) return
  throw new InputError(op, option, `must be a hardware address like 02:00:00:00:00:01, not ${shown(value)}`)
}

/** The limits that the kernel checks, or where it checks none those of the bytes. */
const limitsOf = (policy: Policy, own: Policy): Policy => (isInteger(policy) ? policy : own)

const isInteger = (p: Policy): p is Parameters<typeof rangeOf>[0] & Policy => INTEGER.test(p.type)

function checkInteger(op: string, option: string, policy: Policy, value: unknown): void {
  const ok = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))
  const { min, max } = isInteger(policy) ? rangeOf(policy) : { min: 0n, max: 0xffff_ffffn }
  if (ok && BigInt(value) >= min && BigInt(value) <= max) return
  throw new InputError(op, option, `must be an integer from ${min} to ${max}, not ${shown(value)}`)
}

function checkString(op: string, option: string, policy: Policy, value: unknown): void {
  if (typeof value !== 'string' || value.includes('\0'))
    throw new InputError(op, option, `must be a string, not ${shown(value)}`)
  const max = 'max' in policy && policy.max !== undefined ? Number(policy.max) : Number.POSITIVE_INFINITY
  const bytes = encodeText(value).length
  if (bytes > max) throw new InputError(op, option, `must have at most ${max} bytes, not ${bytes}`)
}

function checkEnum(
  op: string,
  option: string,
  names: Readonly<Record<string, number>>,
  policy: Policy,
  value: unknown,
): void {
  if (typeof value === 'string' && Object.hasOwn(names, value)) return
  const { min, max } = isInteger(policy) ? rangeOf(policy) : { min: 0n, max: 0xffff_ffffn }
  if (typeof value === 'number' && Number.isInteger(value) && BigInt(value) >= min && BigInt(value) <= max) return
  throw new InputError(op, option, `must be one of ${Object.keys(names).join(', ')}, not ${shown(value)}`)
}

const join = (path: string, key: string): string => (path ? `${path}.${key}` : key)
