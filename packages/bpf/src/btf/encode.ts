import { BTF_HEADER, BTF_MAGIC, BTF_VERSION, KINDS, LINKAGES } from './format.ts'
import type { Btf, BtfType, Composite } from './type.ts'

/** Strings by offset, each once; the first is empty. */
class Strings {
  private readonly offsets = new Map<string, number>([['', 0]])
  private readonly parts: Uint8Array[] = [new Uint8Array(1)]
  length = 1

  offset(text: string): number {
    const known = this.offsets.get(text)
    if (known !== undefined) return known
    const at = this.length
    const bytes = new TextEncoder().encode(`${text}\0`)
    this.offsets.set(text, at)
    this.parts.push(bytes)
    this.length += bytes.length
    return at
  }

  copyTo(target: Uint8Array, at: number): void {
    let place = at
    for (const part of this.parts) {
      target.set(part, place)
      place += part.length
    }
  }
}

/** The bytes of types, little-endian, with each string once. `parseBtf` reads the same types back. */
export const encodeBtf = (btf: Btf): Uint8Array => encodeWithTexts(btf, []).bytes

/** As `encodeBtf`, with more strings among those of the types: what line info refers to. `offset` says where each of them is. */
export function encodeWithTexts(
  btf: Btf,
  texts: Iterable<string>,
): { bytes: Uint8Array; offset(text: string): number } {
  const strings = new Strings()
  const words = btf.types.slice(1).flatMap((type) => typeWords(type, strings))
  for (const text of texts) strings.offset(text)
  const bytes = new Uint8Array(BTF_HEADER + words.length * 4 + strings.length)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, BTF_MAGIC, true)
  view.setUint8(2, BTF_VERSION)
  const header = [BTF_HEADER, 0, words.length * 4, words.length * 4, strings.length]
  for (const [i, word] of [...header, ...words].entries()) view.setUint32(4 + i * 4, word, true)
  strings.copyTo(bytes, BTF_HEADER + words.length * 4)
  return { bytes, offset: (text) => strings.offset(text) }
}

const NUMBERS = new Map<string, number>(KINDS.map(({ kind }, number) => [kind, number]))

function typeWords(type: BtfType, strings: Strings): number[] {
  const head = (count: number, flag: boolean, value: number): number[] => [
    strings.offset('name' in type ? type.name : ''),
    ((flag ? 0x80000000 : 0) | (NUMBERS.get(type.kind)! << 24) | count) >>> 0,
    value,
  ]
  switch (type.kind) {
    case 'void':
      return []
    case 'int':
      return [...head(0, false, type.size), (type.encoding << 24) | (type.offset << 16) | type.bits]
    case 'array':
      return [...head(0, false, 0), type.element, type.index, type.count]
    case 'struct':
    case 'union': {
      const flag = type.members.some(({ bits }) => bits > 0)
      return [...head(type.members.length, flag, type.size), ...memberWords(type, strings)]
    }
    case 'enum':
    case 'enum64':
      return [
        ...head(type.values.length, type.signed, type.size),
        ...type.values.flatMap(({ name, value }) => {
          const low = Number(BigInt.asUintN(32, value))
          const high = type.kind === 'enum64' ? [Number(BigInt.asUintN(32, value >> 32n))] : []
          return [strings.offset(name), low, ...high]
        }),
      ]
    case 'fwd':
      return head(0, type.of === 'union', 0)
    case 'func':
      return head(LINKAGES.indexOf(type.linkage), false, type.type)
    case 'func_proto':
      return [
        ...head(type.params.length, false, type.type),
        ...type.params.flatMap((p) => [strings.offset(p.name), p.type]),
      ]
    case 'var':
      return [...head(0, false, type.type), LINKAGES.indexOf(type.linkage)]
    case 'datasec':
      return [
        ...head(type.entries.length, false, type.size),
        ...type.entries.flatMap((e) => [e.type, e.offset, e.size]),
      ]
    case 'float':
      return head(0, false, type.size)
    case 'decl_tag':
      return [...head(0, type.attribute, type.type), type.component]
    case 'type_tag':
      return head(0, type.attribute, type.type)
    default:
      return head(0, false, type.type)
  }
}

function memberWords(type: Composite, strings: Strings): number[] {
  return type.members.flatMap(({ name, type: id, offset, bits }) => [
    strings.offset(name),
    id,
    ((bits << 24) | offset) >>> 0,
  ])
}
