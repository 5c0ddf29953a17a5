import type { Codec } from '../../attr/codec.ts'
import { attrLength, ID_MASK } from '../../attr/walk.ts'
import { align4 } from '../../bytes/align.ts'

/** Attributes whose ids are keys rather than names: command numbers, attribute ids, policy indexes. */
export function byNumber<T extends object>(what: string, item: Codec<T>): Codec<ReadonlyMap<number, T>> {
  return {
    kind: `map of ${item.kind}`,
    policy: { type: 'nest' },
    encode(map, w) {
      for (const [key, value] of map) {
        const mark = w.beginNest(key)
        item.encode(value, w)
        w.end(mark)
      }
    },
    decode(data, start, end) {
      const map = new Map<number, T>()
      for (let at = start; at < end; ) {
        const length = attrLength(data, at, end, what)
        map.set(data.u16(at + 2) & ID_MASK, item.decode(data, at + 4, at + length))
        at += align4(length)
      }
      return map
    },
  }
}
