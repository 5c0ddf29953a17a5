import type { Codec, ValueOf } from './codec.ts'
import type { AttrHistory, Policy, PolicyTable } from './policy.ts'
import { Shapes } from './shape.ts'

/** One attribute of a set. */
// biome-ignore lint/suspicious/noExplicitAny: rows of one table carry different value types
export interface AttrRow<C extends Codec<any> = Codec<any>> extends AttrHistory {
  readonly id: number
  /** The name in the uapi headers. */
  readonly c: string
  readonly codec: C
  /** What a kernel checks in requests, where it differs from the codec's own policy. */
  readonly policy?: Policy
  /** May stand several times; its value is a list. */
  readonly multi?: true
  /** When it may be given: at creation only, or never (the kernel alone sends it). Absent: any time. */
  readonly access?: 'create' | 'read'
  readonly doc?: string
}

export type AttrRows = Readonly<Record<string, AttrRow>>

/** An attribute set, declared once: types, encoder, decoder, request policy, printer and reference are read from it. */
export interface AttrTable<R extends AttrRows = AttrRows> {
  readonly name: string
  readonly rows: R
  /** Attribute ids by name. */
  readonly ids: { readonly [K in keyof R]: number }
  readonly byId: readonly (NamedRow | undefined)[]
  readonly policy: PolicyTable
  /** What the decoder has learnt about messages. */
  readonly shapes: Shapes
}

export interface NamedRow extends AttrRow {
  readonly key: string
  /** The decoder passes it over. */
  readonly skip?: true
}

// biome-ignore lint/suspicious/noExplicitAny: any table at all
export type AnyTable = AttrTable<any>

/** An attribute that the table does not know, kept so that nothing is lost. `type` includes the flag bits. */
export interface RawAttr {
  readonly type: number
  readonly payload: Uint8Array
}

type RowValue<R extends AttrRow> = R extends { multi: true } ? readonly ValueOf<R['codec']>[] : ValueOf<R['codec']>

/** The values of an attribute set. What is absent is not sent; `rest` holds attributes that the table does not know. */
export type AttrsOf<T extends AnyTable> = { [K in keyof T['rows']]?: RowValue<T['rows'][K]> } & {
  rest?: readonly RawAttr[]
}

export interface TableOptions {
  readonly strictFrom?: number
  readonly strictSince?: string
  /** The highest id that the kernel knows, if the table's last row is not it. */
  readonly maxId?: number
}

export function attrTable<const R extends AttrRows>(name: string, rows: R, options: TableOptions = {}): AttrTable<R> {
  const byId: (NamedRow | undefined)[] = []
  const ids: Record<string, number> = {}
  for (const [key, row] of Object.entries(rows)) {
    if (byId[row.id]) throw new TypeError(`${name}: id ${row.id} is declared twice`)
    byId[row.id] = { key, ...row }
    ids[key] = row.id
  }
  const maxId = options.maxId ?? byId.length - 1
  const policies = Array.from({ length: maxId + 1 }, (_, id) => byId[id]?.policy ?? byId[id]?.codec.policy)
  return {
    name,
    rows,
    ids: ids as AttrTable<R>['ids'],
    byId,
    shapes: new Shapes(),
    policy: { whole: true, maxId, strictFrom: Number.POSITIVE_INFINITY, ...options, policies, history: byId },
  }
}

/** The same table for a reader who does not want some attributes, not even among the unknown ones. */
export function tableWithout<T extends AnyTable, K extends keyof T['rows'] & string>(
  table: T,
  keys: readonly K[],
): AttrTable<Omit<T['rows'], K>> {
  const byId = table.byId.map((row) =>
    row && (keys as readonly string[]).includes(row.key) ? { ...row, skip: true as const } : row,
  )
  return { ...table, byId, shapes: new Shapes() }
}

/**
 * The policy of a request that takes only some attributes of a set, a few of them with a policy of their own. `taken`: the
 * first release that takes an attribute here, where it was known before.
 */
export function policyOf<R extends AttrRows>(
  table: AttrTable<R>,
  take: { readonly [K in keyof R]?: true | Policy },
  taken: { readonly [K in keyof R]?: string } = {},
): PolicyTable {
  const policies: (Policy | undefined)[] = []
  const history: (AttrHistory | undefined)[] = [...table.byId]
  for (const [key, how] of Object.entries(take) as [string, true | Policy][]) {
    const row = table.rows[key]
    policies[row.id] = how === true ? (row.policy ?? row.codec.policy) : how
    if (taken[key] !== undefined) history[row.id] = { ...row, since: taken[key] }
  }
  return { maxId: policies.length - 1, strictFrom: Number.POSITIVE_INFINITY, policies, history }
}
