import { type Data, DecodeError } from '../bytes/data.ts'
import type { Writer } from '../bytes/writer.ts'
import type { Codec, ValueOf } from './codec.ts'
import { blankOf } from './shape.ts'

type Fields = Readonly<Record<string, Codec<number> | Codec<bigint>>>
type Shape<F extends Fields> = { -readonly [K in keyof F]: ValueOf<F[K]> }

const SIZES: Readonly<Record<string, number>> = { u8: 1, s8: 1, u16: 2, s16: 2, u32: 4, s32: 4, u64: 8, s64: 8 }

/** A C structure of integers without holes. Fields that are not given are sent as zero. */
export interface StructCodec<F extends Fields> extends Codec<Partial<Shape<F>>> {
  readonly size: number
  decode(data: Data, start: number, end: number): Shape<F>
  encode(value: Partial<Shape<F>>, w: Writer): void
}

/** `lenient`: accept a shorter one (older kernel: missing fields are zero) and a longer one (newer kernel: rest ignored). */
export function struct<const F extends Fields>(name: string, fields: F, lenient = false): StructCodec<F> {
  const entries = Object.entries(fields).map(([key, codec]) => {
    const size = SIZES[codec.kind]
    if (size === undefined) throw new TypeError(`${name}.${key}: ${codec.kind} has no fixed size`)
    return { key, codec: codec as Codec<number | bigint>, size, zero: codec.kind.endsWith('64') ? 0n : 0 }
  })
  const size = entries.reduce((sum, f) => sum + f.size, 0)
  const blank = blankOf(Object.keys(fields))
  return {
    kind: `struct ${name}`,
    policy: { type: 'unspec', min: size },
    size,
    encode(value, w) {
      for (const f of entries) f.codec.encode((value as Record<string, number | bigint>)[f.key] ?? f.zero, w)
    },
    decode(data, start, end) {
      if (!lenient && end - start !== size) {
        throw new DecodeError(start, `${name} of ${end - start} bytes, expected ${size}`)
      }
      const value = { ...blank } as Record<string, number | bigint>
      let at = start
      for (const f of entries) {
        value[f.key] = at + f.size <= end ? f.codec.decode(data, at, at + f.size) : f.zero
        at += f.size
      }
      return value as Shape<F>
    },
  }
}
