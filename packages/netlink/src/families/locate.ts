import type { AnyTable } from '../attr/table.ts'
import { ID_MASK } from '../attr/walk.ts'
import { align4 } from '../bytes/align.ts'
import { Data } from '../bytes/data.ts'
import { type FamilyById, layoutOf } from './registry.ts'

/** The attribute whose header stands at `offset` of a request, as a path like `linkinfo.data.mode`. */
export function locateAttr(
  request: Uint8Array,
  protocol: number,
  offset: number,
  families: FamilyById,
): string | undefined {
  if (request.length < 20) return undefined
  const data = new Data(request)
  const layout = layoutOf(protocol, data.u16(4), data.u8(16), families)
  if (!layout) return undefined
  return find(layout.attrs, data, 16 + layout.headerSize, Math.min(data.u32(0), request.length), offset)
}

function find(table: AnyTable, data: Data, start: number, end: number, offset: number): string | undefined {
  for (let at = start; at + 4 <= end; ) {
    const length = data.u16(at)
    if (length < 4 || at + length > end) return undefined
    const id = data.u16(at + 2) & ID_MASK
    const row = table.byId[id]
    const name = row?.key ?? String(id)
    if (at === offset) return name
    if (offset > at && offset < at + length) {
      const inner = row?.codec.table?.(data, start, end)
      const path = inner && find(inner, data, at + 4 + (row?.codec.headerSize ?? 0), at + length, offset)
      return path === undefined ? name : `${name}.${path}`
    }
    at += align4(length)
  }
  return undefined
}

/** The name of attribute `id` where it is missing: at the top level, or in the nest whose header stands at `nest`. */
export function missingAttr(
  request: Uint8Array,
  protocol: number,
  id: number,
  nest: number | undefined,
  families: FamilyById,
): string {
  const data = new Data(request)
  const layout = request.length < 17 ? undefined : layoutOf(protocol, data.u16(4), data.u8(16), families)
  if (!layout) return String(id)
  if (nest === undefined) return layout.attrs.byId[id]?.key ?? String(id)
  const path = locateAttr(request, protocol, nest, families)
  if (path === undefined) return `nest at byte ${nest}.${id}`
  let table: AnyTable | undefined = layout.attrs
  for (const name of path.split('.')) table = table?.byId.find((row) => row?.key === name)?.codec.table?.()
  return `${path}.${table?.byId[id]?.key ?? id}`
}
