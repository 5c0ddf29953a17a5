import { Reader } from '../bytes/reader.ts'
import { BTF_HEADER, BTF_MAGIC, BTF_VERSION, KINDS, LINKAGES, MAX_TYPE } from './format.ts'
import type { Btf, BtfType, Linkage } from './type.ts'

/** A type's 12 bytes, and where what follows them is. */
interface Raw {
  readonly at: number
  readonly tail: number
  readonly name: string
  readonly count: number
  readonly flag: boolean
  /** Size or type, as the kind has it. */
  readonly value: number
}

/**
 * Reads BTF. Throws a FormatError for anything but a whole, consistent table: bytes missing, an unknown kind, a type or a string that
 * is not there. Circles of types are not looked for: `sizeOf` and the like do.
 */
export function parseBtf(bytes: Uint8Array): Btf {
  const r = new Reader(bytes, 'BTF')
  const header = readHeader(r)
  const types: BtfType[] = [{ kind: 'void' }]
  const places = [0]
  for (let at = header.types; at < header.typesEnd; ) {
    if (types.length > MAX_TYPE) r.fail('more than 1048575 types', at)
    const { number, raw, end } = readRaw(r, at, header)
    types.push(toType(r, number, raw, header))
    places.push(at)
    at = end
  }
  checkReferences(r, types, places)
  return { types }
}

interface Header {
  readonly types: number
  readonly typesEnd: number
  readonly strings: number
  readonly stringsEnd: number
}

function readHeader(r: Reader): Header {
  if (r.u16(0) !== BTF_MAGIC) r.fail('the magic number is missing', 0)
  if (r.u8(2) !== BTF_VERSION) r.fail(`version ${r.u8(2)} is unknown`, 2)
  const length = r.u32(4)
  if (length < BTF_HEADER) r.fail(`header of ${length} bytes`, 4)
  const types = length + r.u32(8)
  const strings = length + r.u32(16)
  r.need(types, r.u32(12))
  r.need(strings, r.u32(20))
  return { types, typesEnd: types + r.u32(12), strings, stringsEnd: strings + r.u32(20) }
}

function readRaw(r: Reader, at: number, header: Header): { number: number; raw: Raw; end: number } {
  const info = r.u32(at + 4)
  const number = (info >>> 24) & 0x7f
  const shape = KINDS[number]
  if (number === 0 || shape === undefined) r.fail(`kind ${number} is unknown`, at)
  const count = info & 0xffffff
  const tail = at + 12
  const end = tail + shape.fixed + shape.each * count
  if (end > header.typesEnd) r.fail(`a type of kind ${shape.kind} is cut`, at)
  const raw = { at, tail, count, name: name(r, at, header), flag: info >>> 31 === 1, value: r.u32(at + 8) }
  return { number, raw, end }
}

/** The string that the offset at `at` means. */
function name(r: Reader, at: number, header: Header): string {
  const offset = r.u32(at)
  if (offset === 0) return ''
  if (offset >= header.stringsEnd - header.strings) r.fail(`string ${offset} is not there`, at)
  return r.string(header.strings + offset, header.stringsEnd)
}

function list<T>(raw: Raw, size: number, read: (at: number) => T): T[] {
  return Array.from({ length: raw.count }, (_, i) => read(raw.tail + i * size))
}

function linkage(r: Reader, value: number, at: number): Linkage {
  return LINKAGES[value] ?? r.fail(`linkage ${value} is unknown`, at)
}

function toType(r: Reader, number: number, raw: Raw, header: Header): BtfType {
  const { kind } = KINDS[number]
  const { name: own, tail, value } = raw
  switch (kind) {
    case 'void':
      return { kind }
    case 'int': {
      const info = r.u32(tail)
      return {
        kind,
        name: own,
        size: value,
        bits: info & 0xff,
        offset: (info >>> 16) & 0xff,
        encoding: (info >>> 24) & 0xf,
      }
    }
    case 'ptr':
      return { kind, type: value }
    case 'array':
      return { kind, element: r.u32(tail), index: r.u32(tail + 4), count: r.u32(tail + 8) }
    case 'struct':
    case 'union':
      return { kind, name: own, size: value, members: list(raw, 12, (at) => member(r, at, raw.flag, header)) }
    case 'enum':
      return {
        kind,
        name: own,
        size: value,
        signed: raw.flag,
        values: list(raw, 8, (at) => enumerator(r, at, raw.flag, header)),
      }
    case 'enum64':
      return {
        kind,
        name: own,
        size: value,
        signed: raw.flag,
        values: list(raw, 12, (at) => enumerator64(r, at, raw.flag, header)),
      }
    case 'fwd':
      return { kind, name: own, of: raw.flag ? 'union' : 'struct' }
    case 'typedef':
    case 'volatile':
    case 'const':
    case 'restrict':
      return { kind, name: own, type: value }
    case 'type_tag':
      return { kind, name: own, type: value, attribute: raw.flag }
    case 'func':
      return { kind, name: own, type: value, linkage: linkage(r, raw.count, raw.at + 4) }
    case 'func_proto':
      return { kind, type: value, params: list(raw, 8, (at) => ({ name: name(r, at, header), type: r.u32(at + 4) })) }
    case 'var':
      return { kind, name: own, type: value, linkage: linkage(r, r.u32(tail), tail) }
    case 'datasec':
      return { kind, name: own, size: value, entries: list(raw, 12, (at) => section(r, at)) }
    case 'float':
      return { kind, name: own, size: value }
    case 'decl_tag':
      return { kind, name: own, type: value, component: r.i32(tail), attribute: raw.flag }
  }
}

const member = (r: Reader, at: number, flag: boolean, header: Header) => {
  const info = r.u32(at + 8)
  const place = flag ? { offset: info & 0xffffff, bits: info >>> 24 } : { offset: info, bits: 0 }
  return { name: name(r, at, header), type: r.u32(at + 4), ...place }
}

const enumerator = (r: Reader, at: number, signed: boolean, header: Header) => {
  return { name: name(r, at, header), value: BigInt(signed ? r.i32(at + 4) : r.u32(at + 4)) }
}

const enumerator64 = (r: Reader, at: number, signed: boolean, header: Header) => {
  const value = BigInt(r.u32(at + 4)) | (BigInt(r.u32(at + 8)) << 32n)
  return { name: name(r, at, header), value: signed ? BigInt.asIntN(64, value) : value }
}

const section = (r: Reader, at: number) => ({ type: r.u32(at), offset: r.u32(at + 4), size: r.u32(at + 8) })

/** All ids that a type mentions. */
function referencesOf(type: BtfType): readonly number[] {
  switch (type.kind) {
    case 'array':
      return [type.element, type.index]
    case 'struct':
    case 'union':
      return type.members.map((member) => member.type)
    case 'func_proto':
      return [type.type, ...type.params.map((param) => param.type)]
    case 'datasec':
      return type.entries.map((entry) => entry.type)
    default:
      return 'type' in type ? [type.type] : []
  }
}

function checkReferences(r: Reader, types: readonly BtfType[], places: readonly number[]): void {
  for (const [id, type] of types.entries()) {
    const missing = referencesOf(type).find((reference) => reference >= types.length)
    if (missing !== undefined) r.fail(`type ${id} refers to type ${missing}, which is not there`, places[id])
  }
}
