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

/** Writes the attributes that are present, in the order of the table, then those that the table does not know. */
export function encodeAttrs<T extends AnyTable>(table: T, attrs: AttrsOf<T>, w: Writer): void {
  const values = attrs as Readonly<Record<string, unknown>>
  for (const row of table.byId) {
    if (row === undefined) continue
    const value = values[row.key]
    if (value === undefined) continue
    if (row.multi) for (const one of value as readonly unknown[]) encodeOne(row, one, w)
    else encodeOne(row, value, w)
  }
  for (const raw of attrs.rest ?? []) {
    const mark = w.begin(raw.type)
    w.raw(raw.payload).end(mark)
  }
}
