import { align4 } from '../bytes/align.ts'
import type { Codec } from './codec.ts'
import { decodeAttrs } from './decode.ts'
import { encodeAttrs } from './encode.ts'
import type { Policy, PolicyTable } from './policy.ts'
import type { AnyTable, AttrsOf } from './table.ts'
import { attrLength } from './walk.ts'

/** Attributes inside an attribute. `policy`: what a kernel checks inside; false: it does not look inside at this level. */
export function nest<T extends AnyTable>(table: T, policy: PolicyTable | false = table.policy): Codec<AttrsOf<T>> {
  return {
    kind: 'nest',
    policy: { type: 'nest', inner: policy === false ? undefined : () => policy },
    table: () => table,
    encode: (value, w) => encodeAttrs(table, value, w),
    decode: (data, start, end) => decodeAttrs(table, data, start, end),
  }
}

/** A codec that is made when it is first used, so that tables may refer to each other. */
export function lazy<T>(kind: string, policy: Policy, make: () => Codec<T>): Codec<T> {
  let made: Codec<T> | undefined
  const get = () => {
    made ??= make()
    return made
  }
  return {
    kind,
    policy,
    table: (...around) => get().table?.(...around),
    get headerSize() {
      return get().headerSize
    },
    encode: (value, w) => get().encode(value, w),
    decode: (data, start, end) => get().decode(data, start, end),
  }
}

/** Nests numbered from 1 inside a nest, each with the same attributes: a list. */
export function nestArray<T extends AnyTable>(table: T): Codec<readonly AttrsOf<T>[]> {
  return {
    kind: 'nest[]',
    policy: { type: 'nest' },
    encode(list, w) {
      list.forEach((item, i) => {
        const mark = w.beginNest(i + 1)
        encodeAttrs(table, item, w)
        w.end(mark)
      })
    },
    decode(data, start, end) {
      const list: AttrsOf<T>[] = []
      for (let at = start; at < end; ) {
        const length = attrLength(data, at, end, table.name)
        list.push(decodeAttrs(table, data, at + 4, at + length))
        at += align4(length)
      }
      return list
    },
  }
}
