import { BtfError, bareType, sizeOf, skipModifiers } from './resolve.ts'
import { type ArrayOf, type Btf, type Composite, type Enum, INT_SIGNED, type Member } from './type.ts'
import type { Value } from './value.ts'

/** Values inside each other. */
const MAX_DEPTH = 32

/**
 * The bytes of a value as its type means it: the inverse of `decodeValue`, and more is taken. Numbers may be text (`0x0800`), enumerators
 * names or numbers, members that are left out are zero, arrays may be shorter. Throws a BtfError that names the member that is wrong.
 */
export function encodeValue(btf: Btf, id: number, value: Value): Uint8Array {
  const bytes = new Uint8Array(sizeOf(btf, id))
  new Encoder(btf, bytes).put(skipModifiers(btf, id), value, 0, '', 0)
  return bytes
}

class Encoder {
  private readonly btf: Btf
  private readonly bytes: Uint8Array

  constructor(btf: Btf, bytes: Uint8Array) {
    this.btf = btf
    this.bytes = bytes
  }

  /** Writes a value at bit `at`. `path`: how the value is called in errors. */
  put(id: number, value: Value, at: number, path: string, depth: number): void {
    if (depth > MAX_DEPTH) throw new BtfError(`type ${id} is nested too deeply, or made of itself`)
    const type = bareType(this.btf, id)
    switch (type.kind) {
      case 'int': {
        const signed = (type.encoding & INT_SIGNED) !== 0
        this.bits(at + type.offset, type.bits, integer(value, type.bits, signed, path))
        break
      }
      case 'enum':
      case 'enum64':
        this.bits(at, type.size * 8, enumerator(type, value, type.size * 8, path))
        break
      case 'ptr':
        this.bits(at, 64, integer(value, 64, false, path))
        break
      case 'float':
        this.float(type.size, value, at >> 3, path)
        break
      case 'array':
        this.array(type, value, at, path, depth)
        break
      case 'struct':
      case 'union':
        this.composite(type, value, at, path, depth)
        break
      default:
        throw new BtfError(`a type of kind ${type.kind} has no value`)
    }
  }

  private bits(start: number, count: number, value: bigint): void {
    for (let bit = 0; bit < count; ) {
      const [byte, shift] = [(start + bit) >> 3, (start + bit) & 7]
      const take = Math.min(8 - shift, count - bit)
      const mask = ((1 << take) - 1) << shift
      const part = Number((value >> BigInt(bit)) & 0xffn) << shift
      this.bytes[byte] = (this.bytes[byte] & ~mask) | (part & mask)
      bit += take
    }
  }

  private float(size: number, value: Value, at: number, path: string): void {
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength)
    if (typeof value !== 'number' || (size !== 4 && size !== 8)) throw wrong(path, 'a number', value)
    if (size === 4) view.setFloat32(at, value, true)
    else view.setFloat64(at, value, true)
  }

  private array({ element, count }: ArrayOf, value: Value, at: number, path: string, depth: number): void {
    const size = sizeOf(this.btf, element)
    const list = typeof value === 'string' && size === 1 ? Array.from(new TextEncoder().encode(value)) : value
    if (!isList(list)) throw wrong(path, `a list of ${count}`, value)
    if (list.length > count) throw wrong(path, `at most ${count} elements`, `${list.length}`)
    const signed = typeof value === 'string' ? list.map((byte) => Number(byte)) : list
    for (const [i, one] of signed.entries()) this.put(element, one, at + i * size * 8, `${path}[${i}]`, depth + 1)
  }

  private composite(type: Composite, value: Value, at: number, path: string, depth: number): void {
    if (typeof value !== 'object' || isList(value)) throw wrong(path, 'an object', value)
    const members = new Map(membersOf(this.btf, type, at, 0))
    for (const [name, one] of Object.entries(value)) {
      const member = members.get(name)
      const inner = path ? `${path}.${name}` : name
      if (!member) throw new BtfError(`${inner} is no member: there are ${[...members.keys()].join(', ')}`)
      if (member.bits) this.bits(member.offset, member.bits, this.field(member, one, inner))
      else this.put(skipModifiers(this.btf, member.type), one, member.offset, inner, depth + 1)
    }
  }

  private field({ type: id, bits }: Member, value: Value, path: string): bigint {
    const type = bareType(this.btf, id)
    if (type.kind === 'enum' || type.kind === 'enum64') return enumerator(type, value, bits, path)
    return integer(value, bits, type.kind === 'int' && (type.encoding & INT_SIGNED) !== 0, path)
  }
}

const isList = (value: Value): value is readonly Value[] => Array.isArray(value)

/** The members by name with where they are, in bits, those of anonymous structs and unions among them. */
function membersOf(btf: Btf, { members }: Composite, at: number, depth: number): [string, Member][] {
  if (depth > MAX_DEPTH) throw new BtfError('structs are nested too deeply')
  return members.flatMap((member): [string, Member][] => {
    const moved = { ...member, offset: at + member.offset }
    const type = member.name ? undefined : bareType(btf, member.type)
    if (type?.kind !== 'struct' && type?.kind !== 'union') return member.name ? [[member.name, moved]] : []
    return membersOf(btf, type, moved.offset, depth + 1)
  })
}

const wrong = (path: string, expected: string, value: Value): BtfError => {
  const shown = typeof value === 'object' ? (isList(value) ? 'a list' : 'an object') : `'${value}'`
  return new BtfError(`${path || 'the value'} must be ${expected}, not ${shown}`)
}

const NUMBER = /^-?(0x[\da-f]+|\d+)$/i

function integer(value: Value, bits: number, signed: boolean, path: string): bigint {
  const least = signed ? -(1n << BigInt(bits - 1)) : 0n
  const most = (1n << BigInt(bits)) - 1n
  const number = numberOf(value)
  // Unsigned numbers are taken for signed types, too: hexadecimal digits mean bytes.
  if (number !== undefined && number >= least && number <= most) return BigInt.asUintN(bits, number)
  throw wrong(path, `an integer from ${least} to ${signed ? most >> 1n : most}`, value)
}

function numberOf(value: Value): bigint | undefined {
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined
  if (typeof value !== 'string' || !NUMBER.test(value)) return undefined
  return value.startsWith('-') ? -BigInt(value.slice(1)) : BigInt(value)
}

function enumerator(type: Enum, value: Value, bits: number, path: string): bigint {
  const named = type.values.find(({ name }) => name === value)
  if (named) return BigInt.asUintN(bits, named.value)
  if (numberOf(value) !== undefined) return integer(value, bits, type.signed, path)
  throw wrong(path, `one of ${type.values.map(({ name }) => name).join(', ')}`, value)
}
