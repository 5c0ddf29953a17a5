import { shown } from '../input/input-error.ts'
import { conflictsIn } from './conflicts.ts'
import { allowedBy, type JsonSchema, schemaAt } from './schema/allowed.ts'
import type { StateFault, StatePath } from './schema/fault.ts'
import { stateSchema } from './schema/json-schema.ts'
import { STATE, type StateDocument } from './schema/schema.ts'

/** A document, or why it is none. */
export type ReadState =
  | { readonly document: StateDocument; readonly faults?: undefined }
  | { readonly document?: undefined; readonly faults: readonly StateFault[] }

type Issue = NonNullable<ReturnType<(typeof STATE)['safeParse']>['error']>['issues'][number]

/** Checks what a file or a program says against the schema, and whether it contradicts itself. Changes nothing. */
export function readState(value: unknown): ReadState {
  // Pages may forbid code that is made at run time, which the library would use.
  const { data, error } = STATE.safeParse(value, { jitless: true })
  const faults = data ? conflictsIn(data) : error!.issues.flatMap((issue) => faultsOf(issue, value))
  return data && faults.length === 0 ? { document: data } : { faults }
}

function faultsOf(issue: Issue, document: unknown): StateFault[] {
  const path = issue.path as StatePath
  const schema = schemaAt(stateSchema() as JsonSchema, path)
  if (issue.code === 'unrecognized_keys') {
    const shape = schema?.anyOf?.find(({ type }) => type === 'object') ?? schema
    const known = Object.keys(shape?.properties ?? {}).join(', ')
    return issue.keys.map((key) => ({ path: [...path, key], message: `is not known here; known are ${known}` }))
  }
  if (issue.code === 'invalid_key') {
    return [{ path, message: `cannot be a key: it must be ${issue.issues[0]?.message ?? 'another name'}` }]
  }
  if (issue.code === 'invalid_union') {
    const inside = issue.errors.find((issues) =>
      issues.every((one) => one.path.length > 0 || one.code !== 'invalid_type'),
    )
    if (inside) return inside.flatMap((one) => faultsOf({ ...one, path: [...path, ...one.path] } as Issue, document))
  }
  const found = valueAt(document, path)
  const allowed = issue.code === 'invalid_format' ? issue.message : allowedBy(schema)
  return [{ path, message: found === undefined ? `is missing: ${allowed}` : `must be ${allowed}, not ${shown(found)}` }]
}

const valueAt = (document: unknown, path: StatePath): unknown =>
  path.reduce<unknown>(
    (value, key) => (value as Readonly<Record<string | number, unknown>> | undefined)?.[key],
    document,
  )
