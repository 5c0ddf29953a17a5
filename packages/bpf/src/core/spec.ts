import { bareType, sizeOf, skipModifiers, typeAt } from '../btf/resolve.ts'
import type { ArrayOf, Btf, Member } from '../btf/type.ts'
import { CoreError, type CoreKind, isEnumKind, isFieldKind } from './kinds.ts'

/** A step on the way to a field: a member by its name, or an element of an array (of the root, as if it were one, first). */
export interface Accessor {
  /** The struct, array or root that the step starts at. */
  readonly type: number
  readonly index: number
  /** Undefined for elements. */
  readonly name: string | undefined
}

/** What a relocation is about, in one set of types. */
export interface Spec {
  readonly btf: Btf
  readonly root: number
  readonly accessors: readonly Accessor[]
  /** Where the field begins, in bits from the start of the root. */
  readonly bitOffset: number
  /** The field, if the last step leads to a member. */
  readonly member: Member | undefined
  /** Type of the field. */
  readonly type: number
}

/** Reads the access string of a relocation against the object's own types. Throws a CoreError if it leads nowhere. */
export function localSpec(btf: Btf, root: number, access: string, kind: CoreKind): Spec {
  const indices = access.split(':').map(Number)
  const wrong = new CoreError(`access "${access}" does not fit type ${root}`, { code: 'EINVAL' })
  if (!/^\d+(:\d+){0,63}$/.test(access)) throw wrong
  if (!isFieldKind(kind)) return typeSpec(btf, root, indices, kind, wrong)
  const walk: Walk = {
    type: skipModifiers(btf, root),
    bitOffset: indices[0] * sizeOf(btf, root) * 8,
    member: undefined,
  }
  const accessors: Accessor[] = [{ type: walk.type, index: indices[0], name: undefined }]
  for (const index of indices.slice(1)) {
    const accessor = step(btf, walk, index)
    if (!accessor) throw wrong
    if (accessor !== 'anonymous') accessors.push(accessor)
  }
  return { btf, root, accessors, ...walk }
}

interface Walk {
  type: number
  bitOffset: number
  member: Member | undefined
}

function typeSpec(btf: Btf, root: number, indices: readonly number[], kind: CoreKind, wrong: CoreError): Spec {
  const type = typeAt(btf, skipModifiers(btf, root))
  if (indices.length !== 1) throw wrong
  const bare = { btf, root, bitOffset: 0, member: undefined, type: root }
  if (!isEnumKind(kind)) return indices[0] === 0 ? { ...bare, accessors: [] } : raise(wrong)
  const value = type.kind === 'enum' || type.kind === 'enum64' ? type.values[indices[0]] : undefined
  if (!value) throw wrong
  return { ...bare, accessors: [{ type: skipModifiers(btf, root), index: indices[0], name: value.name }] }
}

function raise(error: Error): never {
  throw error
}

/** Goes one index further; undefined if it leads nowhere. Members without names are steps of no meaning. */
function step(btf: Btf, walk: Walk, index: number): Accessor | 'anonymous' | undefined {
  const from = walk.type
  const type = bareType(btf, from)
  if (type.kind === 'struct' || type.kind === 'union') {
    const member = type.members[index]
    if (!member) return undefined
    walk.bitOffset += member.offset
    walk.type = skipModifiers(btf, member.type)
    walk.member = member
    return member.name ? { type: from, index, name: member.name } : 'anonymous'
  }
  if (type.kind !== 'array' || !mayIndex(type, index, walk.member)) return undefined
  walk.bitOffset += index * sizeOf(btf, type.element) * 8
  walk.type = skipModifiers(btf, type.element)
  walk.member = undefined
  return { type: from, index, name: undefined }
}

/** Arrays without a length, at the end of a struct, have any index. */
export const mayIndex = (array: ArrayOf, index: number, member: Member | undefined): boolean =>
  index < array.count || (array.count === 0 && member !== undefined)

/** Whether a member is a bit-field, by its own word or by that of its type. */
export function fieldBits(btf: Btf, member: Member): number {
  if (member.bits) return member.bits
  const type = bareType(btf, member.type)
  return type.kind === 'int' && (type.bits !== type.size * 8 || type.offset !== 0) ? type.bits : 0
}
