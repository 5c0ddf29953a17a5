/** How a member of an argument of bpf(2) is stored. `text`: NUL-terminated, cut off or filled up with zeros. */
export interface Member {
  readonly at: number
  readonly kind: 'u32' | 's32' | 'u64' | 'text'
  /** Bytes. */
  readonly size: number
}

type ValueOf<M extends Member> = M['kind'] extends 'u64' ? bigint : M['kind'] extends 'text' ? string : number

/** The members of a structure by name. */
export type Members = Readonly<Record<string, Member>>

/** A structure in values: u32 and s32 as number, u64 (also addresses) as bigint, text as string. */
export type ValuesOf<M extends Members> = { -readonly [K in keyof M]: ValueOf<M[K]> }

/** A structure that goes through bpf(2): where its members are. Integers are in host order, which is little-endian here. */
export interface Layout<M extends Members> {
  readonly members: M
  /** Bytes up to the end of the last member. Whatever follows in a request has to be zero. */
  readonly end: number
}

export const u32 = (at: number) => ({ at, kind: 'u32', size: 4 }) as const
export const s32 = (at: number) => ({ at, kind: 's32', size: 4 }) as const
export const u64 = (at: number) => ({ at, kind: 'u64', size: 8 }) as const
export const text = (at: number, size: number) => ({ at, kind: 'text', size }) as const

export function layout<const M extends Members>(members: M): Layout<M> {
  return { members, end: Math.max(0, ...Object.values(members).map((m) => m.at + m.size)) }
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()

function readMember(view: DataView, member: Member): number | bigint | string {
  const { at } = member
  if (at + member.size > view.byteLength) return member.kind === 'u64' ? 0n : member.kind === 'text' ? '' : 0
  if (member.kind === 'u32') return view.getUint32(at, true)
  if (member.kind === 's32') return view.getInt32(at, true)
  if (member.kind === 'u64') return view.getBigUint64(at, true)
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, member.size)
  const nul = bytes.indexOf(0)
  return decoder.decode(nul < 0 ? bytes : bytes.subarray(0, nul))
}

/** Reads all members; those that lie beyond the end of the bytes are zero, as bpf(2) takes short arguments. */
export function readStruct<M extends Members>(layout: Layout<M>, bytes: Uint8Array): ValuesOf<M> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const values: Record<string, number | bigint | string> = {}
  for (const [name, member] of Object.entries(layout.members)) values[name] = readMember(view, member)
  return values as ValuesOf<M>
}

/** Writes the members that are given; the others stay. Members that lie beyond the end of the bytes are left out. */
export function writeStruct<M extends Members>(
  layout: Layout<M>,
  bytes: Uint8Array,
  values: Partial<ValuesOf<M>>,
): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (const [name, value] of Object.entries(values)) {
    const member = layout.members[name]
    if (value === undefined || member.at + member.size > bytes.length) continue
    if (member.kind === 'u32' || member.kind === 's32') view.setUint32(member.at, Number(value) >>> 0, true)
    else if (member.kind === 'u64') view.setBigUint64(member.at, BigInt.asUintN(64, BigInt(value as bigint)), true)
    else bytes.fill(0, member.at, member.at + member.size).set(cut(String(value), member.size - 1), member.at)
  }
  return bytes
}

const cut = (text: string, size: number): Uint8Array => encoder.encode(text).subarray(0, size)

/** A new structure with these values, as long as its members reach; the others are zero. */
export const makeStruct = <M extends Members>(layout: Layout<M>, values: Partial<ValuesOf<M>>): Uint8Array =>
  writeStruct(layout, new Uint8Array(layout.end), values)
