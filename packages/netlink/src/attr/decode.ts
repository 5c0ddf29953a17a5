import { align4 } from '../bytes/align.ts'
import type { Data } from '../bytes/data.ts'
import type { AnyTable, AttrsOf, RawAttr } from './table.ts'
import { attrLength, ID_MASK } from './walk.ts'

/** Reads attributes from `data[start, end)`. Of an attribute that stands twice the last one counts, unless it is a list. */
export function decodeAttrs<T extends AnyTable>(table: T, data: Data, start: number, end: number): AttrsOf<T> {
  const values: Record<string, unknown> = {}
  let rest: RawAttr[] | undefined
  for (let at = start; at < end; ) {
    const length = attrLength(data, at, end, table.name)
    const type = data.u16(at + 2)
    const row = table.byId[type & ID_MASK]
    if (row === undefined) {
      rest ??= []
      rest.push({ type, payload: data.bytes.slice(at + 4, at + length) })
    } else {
      const value = row.codec.decode(data, at + 4, at + length)
      if (row.multi) {
        const list = values[row.key] as unknown[] | undefined
        if (list) list.push(value)
        else values[row.key] = [value]
      } else values[row.key] = value
    }
    at += align4(length)
  }
  if (rest) values.rest = rest
  return values as AttrsOf<T>
}
