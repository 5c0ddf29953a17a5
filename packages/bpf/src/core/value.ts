import { bareType, sizeOf } from '../btf/resolve.ts'
import { type Btf, INT_SIGNED } from '../btf/type.ts'
import { CoreError, type CoreKind } from './kinds.ts'
import { fieldBits, type Spec } from './spec.ts'

/** What a relocation comes to in one set of types. */
export interface CoreValue {
  readonly value: bigint
  /** Bytes and type of a field that a memory access reads; undefined of bit-fields and of what is no access. */
  readonly access?: { readonly bytes: number; readonly type: number; readonly btf: Btf }
  /** Whether an instruction has to hold the local value before; compilers leave something else for bit-fields. */
  readonly exact: boolean
}

const exact = (value: number | bigint): CoreValue => ({ value: BigInt(value), exact: true })

/** The value of a relocation that `spec` matches. Throws a CoreError or BtfError if there is none. */
export function coreValue(spec: Spec, kind: CoreKind): CoreValue {
  switch (kind) {
    case 'type_id_local':
    case 'type_id_target':
      // Ids are those of the moment of compilation only.
      return { value: BigInt(spec.root), exact: kind === 'type_id_local' }
    case 'type_exists':
    case 'type_matches':
    case 'enumval_exists':
    case 'field_exists':
      return exact(1)
    case 'type_size':
      return exact(sizeOf(spec.btf, spec.root))
    case 'enumval_value':
      return exact(enumeratorOf(spec))
    default:
      return fieldValue(spec, kind)
  }
}

function enumeratorOf({ btf, root, accessors }: Spec): bigint {
  const type = bareType(btf, root)
  if (type.kind !== 'enum' && type.kind !== 'enum64') throw new CoreError(`type ${root} is no enum`, { code: 'EINVAL' })
  return type.values[accessors[0].index].value
}

function fieldValue(spec: Spec, kind: CoreKind): CoreValue {
  const bits = spec.member ? fieldBits(spec.btf, spec.member) : 0
  const { byteOffset, bytes } = bits
    ? unitOf(spec, bits)
    : { byteOffset: spec.bitOffset >> 3, bytes: sizeOf(spec.btf, spec.type) }
  const width = bits || bytes * 8
  switch (kind) {
    case 'field_byte_offset':
      return {
        value: BigInt(byteOffset),
        exact: bits === 0,
        access: bits ? undefined : { bytes, type: spec.type, btf: spec.btf },
      }
    case 'field_byte_size':
      return { value: BigInt(bytes), exact: bits === 0 }
    case 'field_signed':
      return exact(isSigned(spec) ? 1 : 0)
    case 'field_lshift_u64':
      return { value: BigInt(64 - (spec.bitOffset + width - byteOffset * 8)), exact: false }
    default:
      return exact(64 - width)
  }
}

/** The aligned piece of memory of 1, 2, 4 or 8 bytes that holds a bit-field whole. */
function unitOf(spec: Spec, bits: number): { byteOffset: number; bytes: number } {
  let bytes = sizeOf(spec.btf, spec.type)
  for (; bytes <= 8; bytes *= 2) {
    const byteOffset = Math.floor(spec.bitOffset / 8 / bytes) * bytes
    if (spec.bitOffset + bits <= (byteOffset + bytes) * 8) return { byteOffset, bytes }
  }
  throw new CoreError('a bit-field is not inside 64 bits', { code: 'EINVAL' })
}

function isSigned({ btf, type }: Spec): boolean {
  const field = bareType(btf, type)
  if (field.kind === 'enum' || field.kind === 'enum64') return field.signed
  return field.kind === 'int' && (field.encoding & INT_SIGNED) !== 0
}

/** Whether a narrower or wider access reads the same: pointers and unsigned integers. */
export function mayResize(a: CoreValue['access'], b: CoreValue['access']): boolean {
  if (!a || !b) return false
  const [x, y] = [bareType(a.btf, a.type), bareType(b.btf, b.type)]
  if (x.kind === 'ptr' && y.kind === 'ptr') return true
  return x.kind === 'int' && y.kind === 'int' && !(x.encoding & INT_SIGNED) && !(y.encoding & INT_SIGNED)
}
