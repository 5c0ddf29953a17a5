import { fromHex, toHex } from '@netkit/netlink'
import { InputError, shown } from '../input/input-error.ts'
import { formatIp, parseIp, prefixLength, prefixMask } from './ip.ts'
import {
  EXTENSION,
  type Field,
  FLOW_EXT,
  FLOW_MAC_EXT,
  FLOWS,
  IP_VERSION_4,
  IP_VERSION_AT,
  RX_CLS_FLOW_DISC,
  RX_CLS_FLOW_WAKE,
  RXNFC,
  SPEC,
} from './layout.ts'
import type { FlowType, Match, NewRule, RuleMatch, SteeringRule } from './rule.ts'

type Fields = Readonly<Record<string, Field>>
const fieldsOf = (flow: FlowType): Fields => FLOWS[flow].fields

/** Writes a rule into a command structure. Refuses what the kind of traffic does not have. */
export function encodeRule(op: string, rule: NewRule, location: number, command: Uint8Array): void {
  const view = new DataView(command.buffer, command.byteOffset, command.byteLength)
  if (!Object.hasOwn(FLOWS, rule.flow))
    throw new InputError(op, 'flow', `must be one of ${Object.keys(FLOWS).join(', ')}, not ${shown(rule.flow)}`)
  const fields = fieldsOf(rule.flow)
  let type: number = FLOWS[rule.flow].number
  for (const [key, wanted] of Object.entries(rule.match)) {
    if (wanted === undefined) continue
    const field = fields[key]
    const extension = (EXTENSION as Readonly<Record<string, Field & { flag: number }>>)[key]
    if (!field && !extension) {
      const known = [...Object.keys(fields), ...Object.keys(EXTENSION)].join(', ')
      throw new InputError(op, `match.${key}`, `cannot be compared in ${rule.flow} traffic; ${known} can`)
    }
    const [headers, masks] = field ? [SPEC.headers, SPEC.masks] : [SPEC.headersExt, SPEC.masksExt]
    const { value, mask } = bytesOf(op, `match.${key}`, field ?? extension, wanted)
    const at = RXNFC.spec + (field ?? extension).at
    command.set(value, at + headers)
    command.set(mask, at + masks)
    if (extension && !field) type |= extension.flag
  }
  if (rule.flow === 'ip4') command[RXNFC.spec + SPEC.headers + IP_VERSION_AT] = IP_VERSION_4
  view.setUint32(RXNFC.spec + SPEC.flowType, type >>> 0, true)
  view.setBigUint64(RXNFC.spec + SPEC.cookie, cookieOf(op, rule), true)
  view.setUint32(RXNFC.spec + SPEC.location, location, true)
}

/** Reads the rule in a command structure; undefined if it is about traffic that is not known here. */
export function decodeRule(command: Uint8Array): SteeringRule | undefined {
  const view = new DataView(command.buffer, command.byteOffset, command.byteLength)
  const type = view.getUint32(RXNFC.spec + SPEC.flowType, true)
  const bare = (type & ~(FLOW_EXT | FLOW_MAC_EXT)) >>> 0
  const flow = (Object.keys(FLOWS) as FlowType[]).find((name) => FLOWS[name].number === bare)
  if (!flow) return undefined
  const match: Record<string, Match<string | number>> = {}
  const read = (fields: Fields, headers: number, masks: number) => {
    for (const [key, { at, size, form }] of Object.entries(fields)) {
      const part = (from: number) => command.subarray(RXNFC.spec + from + at, RXNFC.spec + from + at + size)
      const mask = part(masks)
      if (mask.some((b) => b !== 0)) match[key] = matchOf(form, part(headers), mask)
    }
  }
  read(fieldsOf(flow), SPEC.headers, SPEC.masks)
  read(EXTENSION, SPEC.headersExt, SPEC.masksExt)
  const cookie = view.getBigUint64(RXNFC.spec + SPEC.cookie, true)
  const action =
    cookie === RX_CLS_FLOW_DISC
      ? 'drop'
      : cookie === RX_CLS_FLOW_WAKE
        ? 'wake'
        : { queue: Number(cookie & 0xffff_ffffn) }
  return { location: view.getUint32(RXNFC.spec + SPEC.location, true), flow, match: match as RuleMatch, action }
}

function cookieOf(op: string, { action }: NewRule): bigint {
  if (action === 'drop') return RX_CLS_FLOW_DISC
  if (action === 'wake') return RX_CLS_FLOW_WAKE
  const queue = typeof action === 'object' && action !== null ? action.queue : undefined
  if (typeof queue === 'number' && Number.isInteger(queue) && queue >= 0 && queue <= 0xffff_ffff) return BigInt(queue)
  throw new InputError(op, 'action', "must be { queue: N }, 'drop' or 'wake'")
}

const isPair = (m: unknown): m is { value: unknown; mask: unknown } =>
  typeof m === 'object' && m !== null && 'value' in m && 'mask' in m

function bytesOf(op: string, option: string, field: Field, wanted: unknown): { value: Uint8Array; mask: Uint8Array } {
  const one = (what: unknown, path: string): Uint8Array => {
    const bytes = fromText(field, what)
    if (bytes?.length === field.size) return bytes
    throw new InputError(op, path, `must be ${EXPECTED[field.form](field.size)}, not ${shown(what)}`)
  }
  if (isPair(wanted)) return { value: one(wanted.value, `${option}.value`), mask: one(wanted.mask, `${option}.mask`) }
  const [plain, prefix] = field.form === 'ip' && typeof wanted === 'string' ? wanted.split('/') : [wanted, undefined]
  const value = one(plain, option)
  if (prefix === undefined) return { value, mask: new Uint8Array(field.size).fill(255) }
  const bits = /^[0-9]{1,3}$/.test(prefix) ? Number(prefix) : -1
  if (bits < 0 || bits > 8 * field.size)
    throw new InputError(op, option, `must have a prefix length from 0 to ${8 * field.size}, not '${prefix}'`)
  return { value, mask: prefixMask(field.size, bits) }
}

const EXPECTED: Readonly<Record<Field['form'], (size: number) => string>> = {
  ip: (size) => `an address of IPv${size === 4 ? 4 : 6}`,
  mac: () => 'a hardware address like 02:00:00:00:00:01',
  number: (size) => `an integer from 0 to ${2 ** (8 * size) - 1}`,
}

function fromText({ form, size }: Field, what: unknown): Uint8Array | undefined {
  if (form === 'number') {
    if (typeof what !== 'number' || !Number.isInteger(what) || what < 0 || what >= 2 ** (8 * size)) return undefined
    return Uint8Array.from({ length: size }, (_, i) => Math.floor(what / 2 ** (8 * (size - 1 - i))))
  }
  if (typeof what !== 'string') return undefined
  if (form === 'ip') return parseIp(what)
  return /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(what) ? fromHex(what) : undefined
}

function toText(form: Field['form'], bytes: Uint8Array): string | number {
  if (form === 'ip') return formatIp(bytes)
  if (form === 'mac') return toHex(bytes, ':')
  return bytes.reduce((n, b) => n * 256 + b, 0)
}

function matchOf(form: Field['form'], value: Uint8Array, mask: Uint8Array): Match<string | number> {
  if (mask.every((b) => b === 255)) return toText(form, value)
  const prefix = form === 'ip' ? prefixLength(mask) : undefined
  if (prefix !== undefined) return `${toText(form, value)}/${prefix}`
  return { value: toText(form, value), mask: toText(form, mask) }
}
