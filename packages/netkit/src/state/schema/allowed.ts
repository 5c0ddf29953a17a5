import type { StatePath } from './fault.ts'

/** The part of JSON schema that ours uses. */
export interface JsonSchema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | false
  readonly items?: JsonSchema
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly const?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
}

/** What describes the value at a path; undefined where nothing may stand. */
export function schemaAt(schema: JsonSchema, path: StatePath): JsonSchema | undefined {
  let at: JsonSchema | undefined = schema
  for (const key of path) {
    const shape: JsonSchema | undefined = at?.anyOf?.find((one) => one.type === 'object') ?? at
    if (typeof key === 'number') at = shape?.items
    else at = shape?.properties?.[key] ?? (shape?.additionalProperties || undefined)
  }
  return at
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  boolean: 'true or false',
  string: 'a string',
  null: 'null',
}

/** What a value may be, in words. */
export function allowedBy(schema: JsonSchema | undefined): string {
  if (!schema) return 'absent'
  const { type = '', minimum, maximum, maxLength } = schema
  if (schema.const !== undefined) return String(schema.const)
  if (schema.anyOf) return schema.anyOf.map(allowedBy).join(' or ')
  if (schema.enum) return schema.enum.join(' or ')
  if (type === 'integer') return `an integer from ${minimum} to ${maximum}`
  if (type === 'string' && maxLength !== undefined)
    return `a string of ${schema.minLength ?? 0} to ${maxLength} characters`
  return TYPES[type] ?? type
}
