import { type Codec, Data, type StructCodec, Writer } from '@netkit/netlink'

export interface StructField {
  readonly name: string
  readonly offset: number
  readonly size: number
}

// biome-ignore lint/suspicious/noExplicitAny: any structure
type AnyStruct = StructCodec<any>

export const isStruct = (codec: Codec<unknown>): codec is AnyStruct => codec.kind.startsWith('struct ')

const known = new WeakMap<AnyStruct, readonly StructField[]>()

/** Where the fields of a structure lie. Found by writing a 1 into each and looking where it landed. */
export function structLayout(codec: AnyStruct): readonly StructField[] {
  let layout = known.get(codec)
  if (!layout) {
    layout = probe(codec)
    known.set(codec, layout)
  }
  return layout
}

function probe(codec: AnyStruct): readonly StructField[] {
  const encode = (value: object): Uint8Array => {
    const w = new Writer(codec.size)
    codec.encode(value, w)
    return w.take()
  }
  const zeros = codec.decode(new Data(encode({})), 0, codec.size) as Record<string, number | bigint>
  const starts = Object.entries(zeros).map(([name, zero]) => ({
    name,
    offset: encode({ [name]: typeof zero === 'bigint' ? 1n : 1 }).indexOf(1),
  }))
  return starts.map(({ name, offset }, i) => ({ name, offset, size: (starts[i + 1]?.offset ?? codec.size) - offset }))
}
