export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined }

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

/** JSON in one line; big integers are written with all their digits, absent members are left out. */
export function compact(value: Json | undefined): string {
  if (value === undefined) return 'null'
  if (typeof value === 'bigint') return value.toString()
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (isList(value)) return `[${value.map(compact).join(',')}]`
  const members = Object.entries(value).filter(([, v]) => v !== undefined)
  return `{${members.map(([k, v]) => `${JSON.stringify(k)}:${compact(v)}`).join(',')}}`
}

/** JSON indented as iproute2 does: four blanks, lists of plain values in one line, objects of a list side by side. */
export function pretty(value: Json | undefined, depth = 0): string {
  if (value === undefined || value === null || typeof value !== 'object') return compact(value)
  const pad = (n: number) => '    '.repeat(n)
  if (isList(value)) {
    if (value.length === 0) return '[ ]'
    if (value.some((v) => v !== null && typeof v === 'object'))
      return `[ ${value.map((v) => pretty(v, depth + 1)).join(',')} ]`
    return `[ ${value.map(compact).join(',')} ]`
  }
  const members = Object.entries(value).filter(([, v]) => v !== undefined)
  if (members.length === 0) return '{ }'
  const lines = members.map(([k, v]) => `${pad(depth + 1)}${JSON.stringify(k)}: ${pretty(v, depth + 1)}`)
  return `{\n${lines.join(',\n')}\n${pad(depth)}}`
}
