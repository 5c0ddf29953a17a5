import { align4 } from '../bytes/align.ts'
import { Data } from '../bytes/data.ts'
import type { Writer } from '../bytes/writer.ts'
import { hasSince } from './since.ts'
import type { AnyTable } from './table.ts'
import { attrLength, ID_MASK } from './walk.ts'

/** Takes back, of the attributes of a table written from `start` on, those that a release does not have, in nests too. */
export function trimAttrs(w: Writer, start: number, table: AnyTable, release: string): void {
  const written = new Data(w.take(start))
  w.length = start
  copyKnown(w, written, 0, written.bytes.length, table, release)
}

function copyKnown(w: Writer, from: Data, start: number, end: number, table: AnyTable, release: string): void {
  for (let at = start; at < end; ) {
    const length = attrLength(from, at, end, table.name)
    const type = from.u16(at + 2)
    const row = table.byId[type & ID_MASK]
    if (row === undefined || hasSince(release, row.since)) {
      const mark = w.begin(type)
      const inner = row?.codec.table?.(from, start, end)
      const header = at + 4 + (row?.codec.headerSize ?? 0)
      if (inner) {
        w.raw(from.bytes.subarray(at + 4, header))
        copyKnown(w, from, header, at + length, inner, release)
      } else w.raw(from.bytes.subarray(at + 4, at + length))
      w.end(mark)
    }
    at += align4(length)
  }
}
