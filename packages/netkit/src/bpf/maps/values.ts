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

/** Values of a type; bytes where a map has none, but keys and values of 4 and 8 bytes can be given as numbers. */
export function valueCodec(size: number, btf: Btf | undefined, type: number): ValueCodec {
  const typed = btf !== undefined && type !== 0 && isValue(btf, type)
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
    decode: (bytes) => (typed ? decodeValue(btf, type, bytes) : bytes),
  }
}

/** Sections of global variables are decoded one by one: see `variables`. */
const isValue = (btf: Btf, type: number): boolean => typeAt(btf, type).kind !== 'datasec'

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
