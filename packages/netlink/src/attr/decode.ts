import { align4 } from '../bytes/align.ts'
import { type Data, DecodeError } from '../bytes/data.ts'
import type { Shape } from './shape.ts'
import type { AnyTable, AttrsOf, RawAttr } from './table.ts'
import { attrLength, ID_MASK } from './walk.ts'

/** A set of attributes in fewer bytes is read without looking what others were like. */
const MIN_BYTES = 64
/** Deepest nesting of attribute sets that is followed. No message of any family comes near it; hostile ones do. */
const MAX_DEPTH = 32

type Values = Record<string, unknown>

/** Reads attributes from `data[start, end)`. Of an attribute that stands twice the last one counts, unless it is a list. */
export function decodeAttrs<T extends AnyTable>(table: T, data: Data, start: number, end: number): AttrsOf<T> {
  if (data.depth >= MAX_DEPTH) throw new DecodeError(start, `attributes are nested deeper than ${MAX_DEPTH} levels`)
  data.depth++
  try {
    const shape = end - start < MIN_BYTES ? undefined : table.shapes.guess(end - start)
    const values = shape
      ? decodeLike(shape, table, data, start, end)
      : decodeAny(table, data, start, start, end, {}, [])
    return values as AttrsOf<T>
  } finally {
    data.depth--
  }
}

/** Reads attributes that should be those of a message that was read before. Where they are not, it goes on without a guess. */
function decodeLike(shape: Shape, table: AnyTable, data: Data, start: number, end: number): Values {
  const { ids, blank } = shape
  const values: Values = { ...blank }
  let i = 0
  let at = start
  while (at < end) {
    const length = attrLength(data, at, end, table.name)
    const id = data.u16(at + 2) & ID_MASK
    const row = table.byId[id]
    if (row === undefined) break
    if (!row.skip) {
      if (i >= ids.length || ids[i] !== id) break
      values[row.key] = row.codec.decode(data, at + 4, at + length)
      i++
    }
    at += align4(length)
  }
  if (at >= end && i === ids.length) return values
  // What was read stays read: reading it once more, in nests within nests, would double the work on every level.
  const known = ids.slice(0, i)
  const read: Values = {}
  for (const id of known) {
    const { key } = table.byId[id]!
    read[key] = values[key]
  }
  return decodeAny(table, data, start, at, end, read, known)
}

/** Goes on reading at `at`, after `values` with `ids`. */
function decodeAny(
  table: AnyTable,
  data: Data,
  start: number,
  at: number,
  end: number,
  values: Values,
  ids: number[],
): Values {
  let rest: RawAttr[] | undefined
  let multi = false
  while (at < end) {
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
