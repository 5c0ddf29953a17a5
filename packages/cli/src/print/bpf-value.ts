import { toHex } from '@netkit/netlink'
import type { MapValue } from 'netkit'
import type { Column } from './columns.ts'
import type { Json } from './json.ts'

type Struct = Readonly<Record<string, MapValue>>

function asStruct(value: MapValue | undefined): Struct | undefined {
  if (typeof value !== 'object' || Array.isArray(value) || value instanceof Uint8Array) return undefined
  return value as Struct
}

const asList = (value: MapValue): readonly MapValue[] | undefined => (Array.isArray(value) ? value : undefined)

/** A value in JSON: bytes as hexadecimal digits. */
export function valueJson(value: MapValue): Json {
  if (value instanceof Uint8Array) return toHex(value)
  const list = asList(value)
  if (list) return list.map(valueJson)
  const struct = asStruct(value)
  if (!struct) return value as Json
  return Object.fromEntries(Object.entries(struct).map(([name, one]) => [name, valueJson(one)]))
}

/** A value for people: `{ packets: 5, bytes: 320 }`, bytes as pairs of digits. */
export function valueText(value: MapValue): string {
  if (value instanceof Uint8Array) return toHex(value).replaceAll(/(..)(?=.)/g, '$1 ')
  const list = asList(value)
  if (list) return list.length === 0 ? '[ ]' : `[ ${list.map(valueText).join(', ')} ]`
  const struct = asStruct(value)
  if (!struct) return String(value)
  const members = Object.entries(struct).map(([name, one]) => `${name}: ${valueText(one)}`)
  return members.length === 0 ? '{ }' : `{ ${members.join(', ')} }`
}

/** More columns than this are not read any more. */
const MOST_COLUMNS = 8

/** Elements as a table: members of structs have a column each, if they are few. */
export function elementTable(
  elements: readonly (readonly [key: MapValue, value: MapValue])[],
  isPerCpu: boolean,
): { readonly heads: readonly Column[]; readonly rows: readonly (readonly string[])[] } {
  const lines = isPerCpu
    ? elements.flatMap(([key, values]) =>
        (values as readonly MapValue[]).map((value, cpu) => [key, cpu, value] as const),
      )
    : elements.map(([key, value]) => [key, undefined, value] as const)
  const [first] = lines
  const keys = membersOf(first?.[0])
  const values = membersOf(first?.[2])
  const split = (keys?.length ?? 1) + (values?.length ?? 1) <= MOST_COLUMNS
  const head = (names: readonly string[] | undefined, title: string): Column[] =>
    (split ? names : undefined)?.map((name) => ({ title: name.toUpperCase(), right: true })) ?? [{ title }]
  const cells = (value: MapValue, names: readonly string[] | undefined): string[] => {
    const struct = asStruct(value)
    return split && names && struct ? names.map((name) => valueText(struct[name])) : [valueText(value)]
  }
  return {
    heads: [...head(keys, 'KEY'), { title: 'CPU', right: true }, ...head(values, 'VALUE')],
    rows: lines.map(([key, cpu, value]) => [
      ...cells(key, keys),
      cpu === undefined ? '' : `${cpu}`,
      ...cells(value, values),
    ]),
  }
}

/** The members of a struct of plain values. */
function membersOf(value: MapValue | undefined): readonly string[] | undefined {
  const members = Object.entries(asStruct(value) ?? {})
  return members.length > 0 && members.every(([, one]) => !asStruct(one)) ? members.map(([name]) => name) : undefined
}
