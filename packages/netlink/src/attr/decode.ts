import { align4 } from '../bytes/align.ts'
import type { Data } from '../bytes/data.ts'
import type { Shape } from './shape.ts'
import type { AnyTable, AttrsOf, RawAttr } from './table.ts'
import { attrLength, ID_MASK } from './walk.ts'

/** A set of attributes in fewer bytes is read without looking what others were like. */
const MIN_BYTES = 64

/** Reads attributes from `data[start, end)`. Of an attribute that stands twice the last one counts, unless it is a list. */
export function decodeAttrs<T extends AnyTable>(table: T, data: Data, start: number, end: number): AttrsOf<T> {
  const shape = end - start < MIN_BYTES ? undefined : table.shapes.guess(end - start)
  const values = shape && decodeLike(shape, table, data, start, end)
  return (values ?? decodeAny(table, data, start, end)) as AttrsOf<T>
}

/** Reads attributes that should be those of a message that was read before; undefined if they are not. */
function decodeLike(shape: Shape, table: AnyTable, data: Data, start: number, end: number): object | undefined {
  const { ids, blank } = shape
  const values: Record<string, unknown> = { ...blank }
  let i = 0
  for (let at = start; at < end; ) {
    const length = attrLength(data, at, end, table.name)
    const id = data.u16(at + 2) & ID_MASK
    const row = table.byId[id]
    if (row === undefined) return undefined
    if (!row.skip) {
      if (i >= ids.length || ids[i] !== id) return undefined
      values[row.key] = row.codec.decode(data, at + 4, at + length)
      i++
    }
    at += align4(length)
  }
  return i === ids.length ? values : undefined
}

function decodeAny(table: AnyTable, data: Data, start: number, end: number): object {
  const values: Record<string, unknown> = {}
  const ids: number[] = []
  let rest: RawAttr[] | undefined
  let multi = false
  for (let at = start; at < end; ) {
    const length = attrLength(data, at, end, table.name)
    const type = data.u16(at + 2)
    const row = table.byId[type & ID_MASK]
    if (row === undefined) {
      rest ??= []
      rest.push({ type, payload: data.part(at + 4, at + length) })
    } else if (!row.skip) {
      const value = row.codec.decode(data, at + 4, at + length)
      ids.push(row.id)
      if (row.multi) {
        multi = true
        const list = values[row.key] as unknown[] | undefined
        if (list) list.push(value)
        else values[row.key] = [value]
      } else values[row.key] = value
    }
    at += align4(length)
  }
  if (rest) values.rest = rest
  else if (!multi && end - start >= MIN_BYTES) table.shapes.learn(end - start, ids, Object.keys(values))
  return values
}
