import type { Data } from '../bytes/data.ts'
import type { Writer } from '../bytes/writer.ts'
import type { Policy } from './policy.ts'
import type { AnyTable } from './table.ts'

/** How a value looks on the wire, as the payload of an attribute or as a field of a header. */
export interface Codec<T> {
  /** For people: `u32`, `enum u32`, `nest`. */
  readonly kind: string
  /** What a kernel checks, unless the row of the table says otherwise. */
  readonly policy: Policy
  encode(value: T, w: Writer): void
  /** Reads `data[start, end)`. Throws DecodeError with the offset of what is wrong. */
  decode(data: Data, start: number, end: number): T
  /** Names of an enum's values or of a bit set's bits, for help, completion and printing. */
  readonly names?: Readonly<Record<string, number>>
  /** The table of the attributes inside, for nests. A nest whose content depends on a neighbour needs the bytes around it. */
  table?(data?: Data, aroundStart?: number, aroundEnd?: number): AnyTable | undefined
  /** Bytes before the attributes of a nest (a link header inside PEER_INFO). */
  readonly headerSize?: number
}

/** The type of value that a codec carries. */
export type ValueOf<C> = C extends Codec<infer T> ? T : never
