import { Reader } from '../bytes/reader.ts'
import { BTF_MAGIC, BTF_VERSION } from './format.ts'

/** Which function begins at an instruction. */
export interface FuncInfo {
  /** Bytes from the start of the ELF section. */
  readonly offset: number
  /** A `func` type. */
  readonly type: number
}
/** Where an instruction comes from. */
export interface LineInfo {
  readonly offset: number
  readonly file: string
  /** The source line itself; empty if it was not kept. */
  readonly text: string
  /** From 1. */
  readonly line: number
  readonly column: number
}
/** A relocation against the types of the running kernel. */
export interface CoreRelocation {
  readonly offset: number
  /** Root type, in the object's own BTF. */
  readonly type: number
  /** Indices, such as `0:1:2`. */
  readonly access: string
  readonly kind: number
}

/** By name of the ELF section. */
export interface BtfExt {
  readonly functions: ReadonlyMap<string, readonly FuncInfo[]>
  readonly lines: ReadonlyMap<string, readonly LineInfo[]>
  readonly relocations: ReadonlyMap<string, readonly CoreRelocation[]>
}

const HEADER = 24
const WITH_RELOCATIONS = 32

/** Reads `.BTF.ext`, whose strings are in `.BTF`. Throws a FormatError that names the byte. */
export function parseBtfExt(bytes: Uint8Array, btf: Uint8Array): BtfExt {
  const r = new Reader(bytes, 'BTF.ext')
  const text = stringsOf(btf)
  if (r.u16(0) !== BTF_MAGIC) r.fail('the magic number is missing', 0)
  if (r.u8(2) !== BTF_VERSION) r.fail(`version ${r.u8(2)} is unknown`, 2)
  const length = r.u32(4)
  if (length < HEADER) r.fail(`header of ${length} bytes`, 4)
  const area = <T extends { readonly offset: number }>(
    at: number,
    size: number,
    read: (at: number) => T,
  ): Map<string, T[]> => (at + 8 > length ? new Map() : records(r, length + r.u32(at), r.u32(at + 4), size, text, read))
  return {
    functions: area(8, 8, (at) => ({ offset: r.u32(at), type: r.u32(at + 4) })),
    lines: area(16, 16, (at) => {
      const place = r.u32(at + 12)
      const from = { file: text(r, at + 4), text: text(r, at + 8), line: place >>> 10, column: place & 0x3ff }
      return { offset: r.u32(at), ...from }
    }),
    relocations: area(WITH_RELOCATIONS - 8, 16, (at) => {
      return { offset: r.u32(at), type: r.u32(at + 4), access: text(r, at + 8), kind: r.u32(at + 12) }
    }),
  }
}

type Text = (r: Reader, at: number) => string

/** Reads an area: the size of a record, then for each section its name, a count and so many records. */
function records<T extends { readonly offset: number }>(
  r: Reader,
  start: number,
  length: number,
  known: number,
  text: Text,
  read: (at: number) => T,
): Map<string, T[]> {
  const found = new Map<string, T[]>()
  if (length === 0) return found
  r.need(start, length)
  const size = r.u32(start)
  if (size < known || size % 4 !== 0) r.fail(`records of ${size} bytes`, start)
  for (let at = start + 4; at < start + length; ) {
    const section = text(r, at)
    const count = r.u32(at + 4)
    if (at + 8 + count * size > start + length) r.fail(`${count} records do not fit`, at + 4)
    const list = Array.from({ length: count }, (_, i) => read(at + 8 + i * size))
    const odd = list.findIndex(({ offset }) => offset % 8 !== 0)
    if (odd >= 0) r.fail(`offset ${list[odd].offset} is not that of an instruction`, at + 8 + odd * size)
    found.set(section, [...(found.get(section) ?? []), ...list])
    at += 8 + count * size
  }
  return found
}

function stringsOf(bytes: Uint8Array): Text {
  const strings = new Reader(bytes, 'BTF')
  const start = strings.u32(4) + strings.u32(16)
  const end = start + strings.u32(20)
  strings.need(start, end - start)
  return (r, at) => {
    const offset = r.u32(at)
    if (start + offset >= end) r.fail(`string ${offset} is not there`, at)
    return strings.string(start + offset, end)
  }
}
