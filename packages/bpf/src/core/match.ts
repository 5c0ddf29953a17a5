import { bareType, sizeOf, skipModifiers } from '../btf/resolve.ts'
import type { Btf, Composite, Member } from '../btf/type.ts'
import { essentialName, fieldsCompatible, typesCompatible } from './compatible.ts'
import { type CoreKind, isEnumKind, isFieldKind } from './kinds.ts'
import { type Accessor, mayIndex, type Spec } from './spec.ts'
import { typesMatch } from './types-match.ts'

/** Anonymous structs inside each other. */
const MAX_DEPTH = 32

/** The same thing among the target's types, at candidate `root`; undefined if it is not there. */
export function matchSpec(local: Spec, target: Btf, root: number, kind: CoreKind): Spec | undefined {
  if (isFieldKind(kind)) return matchField(local, target, root)
  const bare: Spec = { btf: target, root, accessors: [], bitOffset: 0, member: undefined, type: root }
  if (isEnumKind(kind)) return matchEnumerator(local, bare)
  const fits = kind === 'type_matches' ? typesMatch : typesCompatible
  return fits(local.btf, local.root, target, root) ? bare : undefined
}

function matchEnumerator(local: Spec, bare: Spec): Spec | undefined {
  const type = skipModifiers(bare.btf, bare.root)
  const target = bareType(bare.btf, type)
  if (target.kind !== 'enum' && target.kind !== 'enum64') return undefined
  const wanted = essentialName(local.accessors[0].name ?? '')
  const index = target.values.findIndex(({ name }) => essentialName(name) === wanted)
  return index < 0 ? undefined : { ...bare, accessors: [{ type, index, name: target.values[index].name }] }
}

function matchField(local: Spec, btf: Btf, root: number): Spec | undefined {
  const first = local.accessors[0]
  let type = skipModifiers(btf, root)
  let bitOffset = first.index * sizeOf(btf, root) * 8
  let member: Member | undefined
  const accessors: Accessor[] = [{ type, index: first.index, name: undefined }]
  for (const accessor of local.accessors.slice(1)) {
    const found =
      accessor.name === undefined ? element(btf, type, accessor.index, member) : named(local.btf, accessor, btf, type)
    if (!found) return undefined
    accessors.push({ type, index: accessor.index, name: accessor.name })
    bitOffset += found.bitOffset
    type = skipModifiers(btf, found.type)
    member = found.member
  }
  return { btf, root, accessors, bitOffset, member, type }
}

interface Found {
  readonly bitOffset: number
  readonly type: number
  readonly member: Member | undefined
}

function element(btf: Btf, id: number, index: number, member: Member | undefined): Found | undefined {
  const array = bareType(btf, id)
  if (array.kind !== 'array' || !mayIndex(array, index, member)) return undefined
  return { bitOffset: index * sizeOf(btf, array.element) * 8, type: array.element, member: undefined }
}

function named(local: Btf, accessor: Accessor, btf: Btf, id: number): Found | undefined {
  const from = bareType(local, accessor.type)
  const wanted = 'members' in from ? from.members[accessor.index] : undefined
  const into = bareType(btf, id)
  return wanted && 'members' in into ? search(local, wanted, btf, into, 0) : undefined
}

/** Finds a member by name and type, through members without names. */
function search(local: Btf, wanted: Member, btf: Btf, into: Composite, depth: number): Found | undefined {
  if (depth > MAX_DEPTH) return undefined
  for (const member of into.members) {
    if (!member.name) {
      const inner = bareType(btf, member.type)
      const found = 'members' in inner ? search(local, wanted, btf, inner, depth + 1) : undefined
      if (found) return { ...found, bitOffset: member.offset + found.bitOffset }
    } else if (essentialName(member.name) === essentialName(wanted.name)) {
      if (!fieldsCompatible(local, wanted.type, btf, member.type)) return undefined
      return { bitOffset: member.offset, type: member.type, member }
    }
  }
  return undefined
}
