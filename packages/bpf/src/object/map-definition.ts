import { bareType, sizeOf, skipModifiers, typeAt } from '../btf/resolve.ts'
import type { Btf, Composite, Member } from '../btf/type.ts'
import { ObjectError } from './error.ts'
import type { ObjectMap } from './object.ts'

const NAME_LENGTH = 15

/** What a map definition says, by member; the writable form of `ObjectMap`. */
type Draft = { -readonly [K in keyof ObjectMap]: ObjectMap[K] }

/** A map as a variable of `.maps` defines it: its struct's members say everything by their types alone. */
export function mapDefinition(btf: Btf, variable: string, type: number, isInner = false): ObjectMap {
  const struct = bareType(btf, type)
  if (struct.kind !== 'struct')
    throw new ObjectError('EINVAL', `its type is no struct but of kind ${struct.kind}`, `map ${variable}`)
  const draft = emptyMap(variable)
  for (const member of struct.members) {
    const read = Object.hasOwn(MEMBERS, member.name) ? MEMBERS[member.name] : undefined
    read?.(draft, btf, member, isInner)
  }
  if (draft.type === 0) throw new ObjectError('EINVAL', 'it has no type', `map ${variable}`)
  return draft
}

export function emptyMap(variable: string): Draft {
  return {
    name: variable.slice(0, NAME_LENGTH),
    variable,
    type: 0,
    keySize: 0,
    valueSize: 0,
    maxEntries: 0,
    flags: 0,
    numaNode: undefined,
    extra: 0n,
    pinByName: false,
    keyType: 0,
    valueType: 0,
    inner: undefined,
    slots: [],
    data: undefined,
  }
}

const MEMBERS: Readonly<Record<string, (map: Draft, btf: Btf, member: Member, isInner: boolean) => void>> = {
  type: (map, btf, member) => {
    map.type = u32(map, btf, member)
  },
  max_entries: (map, btf, member) => {
    map.maxEntries = u32(map, btf, member)
  },
  map_flags: (map, btf, member) => {
    map.flags = u32(map, btf, member)
  },
  numa_node: (map, btf, member) => {
    map.numaNode = u32(map, btf, member)
  },
  map_extra: (map, btf, member) => {
    map.extra = number(map, btf, member)
  },
  key_size: (map, btf, member) => {
    map.keySize = agree(map, 'key_size', map.keySize, u32(map, btf, member))
  },
  value_size: (map, btf, member) => {
    map.valueSize = agree(map, 'value_size', map.valueSize, u32(map, btf, member))
  },
  key: (map, btf, member) => {
    map.keyType = pointee(map, btf, member)
    map.keySize = agree(map, 'key', map.keySize, sizeOf(btf, map.keyType))
  },
  value: (map, btf, member) => {
    map.valueType = pointee(map, btf, member)
    map.valueSize = agree(map, 'value', map.valueSize, sizeOf(btf, map.valueType))
  },
  pinning(map, btf, member, isInner) {
    const pinning = u32(map, btf, member)
    if (isInner || pinning > 1)
      throw new ObjectError('EINVAL', `pinning ${pinning} is not possible`, `map ${map.variable}`)
    map.pinByName = pinning === 1
  },
  values: (map, btf, member, isInner) => {
    if (isInner) throw new ObjectError('EINVAL', 'an inner map cannot have values', `map ${map.variable}`)
    const target = typeAt(btf, elementPointee(map, btf, member))
    map.keySize ||= 4
    map.valueSize ||= 4
    if (target.kind === 'struct')
      map.inner = mapDefinition(btf, `${map.variable}.inner`, elementPointee(map, btf, member), true)
    else if (target.kind !== 'func_proto')
      throw new ObjectError('EINVAL', 'values are neither maps nor programs', `map ${map.variable}`)
  },
}

const wrong = (map: Draft, member: Member): ObjectError =>
  new ObjectError(
    'EINVAL',
    `member ${member.name} is not written as __uint, __ulong, __type or __array`,
    `map ${map.variable}`,
  )

/** `__uint(name, N)` is a pointer to an array of N; `__ulong(name, N)` an enumerator. */
function number(map: Draft, btf: Btf, member: Member): bigint {
  const type = bareType(btf, member.type)
  if ((type.kind === 'enum' || type.kind === 'enum64') && type.values.length === 1)
    return BigInt.asUintN(64, type.values[0].value)
  const array = type.kind === 'ptr' ? bareType(btf, type.type) : type
  if (type.kind !== 'ptr' || array.kind !== 'array') throw wrong(map, member)
  return BigInt(array.count)
}

const u32 = (map: Draft, btf: Btf, member: Member): number => Number(BigInt.asUintN(32, number(map, btf, member)))

/** `__type(name, T)` is a pointer to T. */
function pointee(map: Draft, btf: Btf, member: Member): number {
  const type = bareType(btf, member.type)
  if (type.kind !== 'ptr') throw wrong(map, member)
  return type.type
}

/** `__array(values, T)` is a flexible array of pointers to T. */
function elementPointee(map: Draft, btf: Btf, member: Member): number {
  const array = bareType(btf, member.type)
  const element = array.kind === 'array' ? bareType(btf, array.element) : array
  if (array.kind !== 'array' || element.kind !== 'ptr') throw wrong(map, member)
  return skipModifiers(btf, element.type)
}

function agree(map: Draft, member: string, old: number, size: number): number {
  if (old === 0 || old === size) return size
  throw new ObjectError('EINVAL', `${member} says ${size} bytes, another member ${old}`, `map ${map.variable}`)
}

/** Bytes from the start of a map's variable to its initial elements; undefined if it has none. */
export function valuesOffset(struct: Composite): number | undefined {
  const member = struct.members.find(({ name }) => name === 'values')
  return member && member.offset >> 3
}
