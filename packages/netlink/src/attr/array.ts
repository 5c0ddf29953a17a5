import { DecodeError } from '../bytes/data.ts'
import type { Codec } from './codec.ts'

/** Numbers side by side in one payload, `size` bytes each. */
export const arrayOf = <T>(item: Codec<T>, size: number): Codec<readonly T[]> => ({
  kind: `${item.kind}[]`,
  policy: { type: 'binary' },
  encode(list, w) {
    for (const x of list) item.encode(x, w)
  },
  decode(data, start, end) {
    if ((end - start) % size !== 0)
      throw new DecodeError(start, `${end - start} bytes are no whole number of ${item.kind}`)
    const list: T[] = []
    for (let at = start; at < end; at += size) list.push(item.decode(data, at, at + size))
    return list
  },
})
