import { Reader } from '../bytes/reader.ts'
import { BtfError, bareType, sizeOf, skipModifiers } from './resolve.ts'
import {
  type ArrayOf,
  type Btf,
  type BtfType,
  type Composite,
  type Enum,
  INT_BOOL,
  INT_CHAR,
  INT_SIGNED,
  type Int,
} from './type.ts'

/**
 * A value in memory as its type means it: integers of up to 32 bits and floats are numbers, longer ones and pointers bigints;
 * booleans and enumerators (by name, where the value has one) are what they are; arrays of `char` that hold text are strings; structs and
 * unions are objects, members of anonymous ones among those of what is around them.
 */
export type Value = number | bigint | boolean | string | readonly Value[] | { readonly [name: string]: Value }

/** Structs inside each other. */
const MAX_DEPTH = 32
/** Elements of arrays of empty things, which take no bytes, but time. */
const MAX_ELEMENTS = 1 << 22

/**
 * Reads a value of a type from the start of `bytes`. Throws a FormatError if they are too few, a BtfError if such a type has no value.
 */
export function decodeValue(btf: Btf, id: number, bytes: Uint8Array): Value {
  const reader = new Reader(bytes, 'value')
  reader.need(0, sizeOf(btf, id))
  return new Decoder(btf, reader).value(skipModifiers(btf, id), 0, 0)
}

class Decoder {
  private readonly btf: Btf
  private readonly reader: Reader
  private elements = 0

  constructor(btf: Btf, reader: Reader) {
    this.btf = btf
    this.reader = reader
  }

  /** The value that begins at byte `at`. */
  value(id: number, at: number, depth: number): Value {
    if (depth > MAX_DEPTH) throw new BtfError(`type ${id} is nested too deeply, or made of itself`)
    const type = bareType(this.btf, id)
    switch (type.kind) {
      case 'int':
        return integer(type, this.bits(at * 8 + type.offset, type.bits), type.bits)
      case 'enum':
      case 'enum64':
        return enumerator(type, this.bits(at * 8, type.size * 8), type.size * 8)
      case 'ptr':
        return this.bits(at * 8, 64)
      case 'float':
        return this.float(type.size, at)
      case 'array':
        return this.array(type, at, depth)
      case 'struct':
      case 'union':
        return this.composite(type, at, depth)
      default:
        throw new BtfError(`a type of kind ${type.kind} has no value`)
    }
  }

  /** Unsigned number of `count` bits from bit `start` on, little-endian. */
  private bits(start: number, count: number): bigint {
    const first = start >> 3
    const bytes = this.reader.slice(first, ((start + count + 7) >> 3) - first)
    const whole = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
    return BigInt.asUintN(count, whole >> BigInt(start & 7))
  }

  private float(size: number, at: number): number {
    const { buffer, byteOffset } = this.reader.slice(at, size)
    const view = new DataView(buffer, byteOffset, size)
    if (size === 4) return view.getFloat32(0, true)
    if (size === 8) return view.getFloat64(0, true)
    throw new BtfError(`floats of ${size} bytes cannot be shown`)
  }

  private array(type: ArrayOf, at: number, depth: number): Value {
    this.elements += type.count
    if (this.elements > MAX_ELEMENTS) throw new BtfError(`more than ${MAX_ELEMENTS} elements`)
    const element = bareType(this.btf, type.element)
    const text = isChar(element) ? textOf(this.reader.slice(at, type.count)) : undefined
    if (text !== undefined) return text
    const size = sizeOf(this.btf, type.element)
    return Array.from({ length: type.count }, (_, i) => this.value(type.element, at + i * size, depth + 1))
  }

  private composite(type: Composite, at: number, depth: number): { readonly [name: string]: Value } {
    const members = type.members.flatMap(({ name, type: id, offset, bits }) => {
      const value = bits ? this.field(id, at * 8 + offset, bits) : this.value(id, at + (offset >> 3), depth + 1)
      return name || typeof value !== 'object' ? [[name, value] as const] : Object.entries(value)
    })
    return Object.fromEntries(members.filter(([name]) => name))
  }

  private field(id: number, start: number, bits: number): Value {
    const type = bareType(this.btf, id)
    const value = this.bits(start, bits)
    return type.kind === 'int'
      ? integer(type, value, bits)
      : type.kind === 'enum'
        ? enumerator(type, value, bits)
        : value
  }
}

const isChar = (type: BtfType): boolean =>
  type.kind === 'int' && type.size === 1 && (type.encoding & INT_CHAR || type.name === 'char') !== 0

/** Printable text that fills an array, or is ended by zeros. */
function textOf(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(bytes).replace(/\0+$/, '')
  return /^[\x20-\x7e\t\n]+$/.test(text) ? text : undefined
}

function integer(type: Int, value: bigint, bits: number): Value {
  if (type.encoding & INT_BOOL) return value !== 0n
  const signed = type.encoding & INT_SIGNED ? BigInt.asIntN(bits, value) : value
  return bits > 32 ? signed : Number(signed)
}

function enumerator(type: Enum, value: bigint, bits: number): Value {
  const signed = type.signed ? BigInt.asIntN(bits, value) : value
  const name = type.values.find((one) => one.value === signed)?.name
  return name ?? (bits > 32 ? signed : Number(signed))
}
