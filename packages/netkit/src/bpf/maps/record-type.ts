import { type Btf, decodeValue, sizeOf, type Value } from '@netkit/bpf'

/** Kinds of types that records are of. */
const KINDS: ReadonlySet<string> = new Set(['struct', 'union', 'typedef', 'int', 'enum', 'enum64'])

/** Records as a type means them; records that are shorter stay bytes, and what Linux pads longer ones with is left out. */
export type RecordDecoder = (record: Uint8Array) => Value | Uint8Array

/** How records are read as the type of this name; undefined if there is none. */
export function recordDecoder(btf: Btf, name: string): RecordDecoder | undefined {
  const id = btf.types.findIndex((type) => KINDS.has(type.kind) && 'name' in type && type.name === name)
  if (id < 0) return undefined
  const size = sizeOf(btf, id)
  return (record) => (record.length < size ? record : decodeValue(btf, id, record.subarray(0, size)))
}
