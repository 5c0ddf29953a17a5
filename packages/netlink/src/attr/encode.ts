import type { Writer } from '../bytes/writer.ts'
import type { AnyTable, AttrsOf, NamedRow } from './table.ts'
import { NLA_F_NESTED } from './walk.ts'

function encodeOne(row: NamedRow, value: unknown, w: Writer): void {
  const mark = w.begin(row.codec.table ? row.id | NLA_F_NESTED : row.id)
  try {
    row.codec.encode(value, w)
    w.end(mark)
  } catch (e) {
    if (e instanceof RangeError) throw new RangeError(`${row.key}: ${e.message}`, { cause: e })
    throw e
  }
}

/** Ids of the attributes that are present, ascending. Nearly always a handful, of tables with dozens. */
function idsIn(table: AnyTable, values: Readonly<Record<string, unknown>>): number[] {
  const present: number[] = []
  for (const key of Object.keys(values)) {
    const id = values[key] === undefined || !Object.hasOwn(table.ids, key) ? 0 : table.ids[key]
    if (id === 0) continue
    let at = present.length
    while (at > 0 && present[at - 1] > id) at--
    present.splice(at, 0, id)
  }
  return present
}

/** Writes the attributes that are present, in the order of the table, then those that the table does not know. */
export function encodeAttrs<T extends AnyTable>(table: T, attrs: AttrsOf<T>, w: Writer): void {
  const values = attrs as Readonly<Record<string, unknown>>
  for (const id of idsIn(table, values)) {
    const row = table.byId[id]!
    const value = values[row.key]
    if (row.multi) for (const one of value as readonly unknown[]) encodeOne(row, one, w)
    else encodeOne(row, value, w)
  }
  for (const raw of attrs.rest ?? []) {
    const mark = w.begin(raw.type)
    w.raw(raw.payload).end(mark)
  }
}
