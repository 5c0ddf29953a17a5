import { type Btf, BtfError, decodeValue, encodeValue, typeAt, type Value } from '@netkit/bpf'
import { InputError } from '../../input/input-error.ts'

/** A key or value: as its type means it, or bytes. */
export type MapValue = Value | Uint8Array

/** How keys or values of a map are turned into bytes and back. */
export interface ValueCodec {
  /** Bytes that one has. */
  readonly size: number
  encode(op: string, option: string, value: MapValue): Uint8Array
  decode(bytes: Uint8Array): MapValue
}

/** Values of a type; bytes where a map has none, but numbers can be given. `isIndex`: the key of an array, which is always a number. */
export function valueCodec(size: number, btf: Btf | undefined, type: number, isIndex = false): ValueCodec {
  const typed = btf !== undefined && type !== 0 && typeAt(btf, type).kind !== 'datasec'
  const variables = btf && typeAt(btf, type).kind === 'datasec' ? btf : undefined
  return {
    size,
    encode(op, option, value) {
      if (value instanceof Uint8Array) return checkedBytes(op, option, value, size)
      try {
        return typed ? encodeValue(btf, type, value) : plainNumber(op, option, value, size)
      } catch (e) {
        throw e instanceof BtfError ? new InputError(op, option, `does not fit its type: ${e.message}`) : e
      }
    },
    decode(bytes) {
      if (isIndex) return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true)
      if (variables) return decodeVariables(variables, type, bytes)
      return typed ? decodeValue(btf, type, bytes) : bytes
    },
  }
}

/** A section of global variables, by their names. */
function decodeVariables(btf: Btf, section: number, bytes: Uint8Array): Value {
  const type = typeAt(btf, section)
  if (type.kind !== 'datasec') return {}
  const values = type.entries.map(({ type: id, offset, size }): [string, Value] => {
    const variable = typeAt(btf, id)
    if (variable.kind !== 'var') return ['', 0]
    return [variable.name, decodeValue(btf, variable.type, bytes.subarray(offset, offset + size))]
  })
  return Object.fromEntries(values)
}

function checkedBytes(op: string, option: string, bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length !== size) throw new InputError(op, option, `must have ${size} bytes, not ${bytes.length}`)
  return bytes
}

function plainNumber(op: string, option: string, value: Value, size: number): Uint8Array {
  const number = typeof value === 'string' && /^(0x[\da-f]+|\d+)$/i.test(value) ? BigInt(value) : value
  const isNumber = typeof number === 'bigint' || (typeof number === 'number' && Number.isSafeInteger(number))
  if (!isNumber || size > 8) throw new InputError(op, option, `must be ${size} bytes: the map has no types`)
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, BigInt(number)), true)
  if (bytes.subarray(size).some((byte) => byte !== 0))
    throw new InputError(op, option, `must fit ${size} bytes, ${number} does not`)
  return bytes.slice(0, size)
}
