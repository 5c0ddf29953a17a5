import { skipModifiers, typeAt } from '../btf/resolve.ts'
import type { Btf, Composite, Enum, FuncProto } from '../btf/type.ts'
import { essentialName, nameOf, sameKind } from './compatible.ts'

const MAX_DEPTH = 32

/** Two sets of types that are compared. */
interface Pair {
  readonly local: Btf
  readonly target: Btf
}

/**
 * Whether a target type has all that a local one has: the same name and kind, every member with a type that matches, every enumerator.
 * Behind pointers only names and kinds count, so that circles end.
 */
export const typesMatch = (local: Btf, localId: number, target: Btf, targetId: number): boolean =>
  matches({ local, target }, localId, targetId, false, 0)

function matches(pair: Pair, localId: number, targetId: number, behindPointer: boolean, depth: number): boolean {
  const a = typeAt(pair.local, skipModifiers(pair.local, localId))
  const b = typeAt(pair.target, skipModifiers(pair.target, targetId))
  if (depth > MAX_DEPTH || essentialName(nameOf(a)) !== essentialName(nameOf(b))) return false
  if (behindPointer && isNominal(a.kind) && isNominal(b.kind)) return standsFor(a, b)
  if (!sameKind(a, b)) return false
  if (a.kind === 'int' && b.kind === 'int') return a.size === b.size && a.encoding === b.encoding
  if (a.kind === 'ptr' && b.kind === 'ptr') return matches(pair, a.type, b.type, true, depth + 1)
  if (a.kind === 'array' && b.kind === 'array') {
    return a.count === b.count && matches(pair, a.element, b.element, behindPointer, depth + 1)
  }
  if (a.kind === 'func_proto' && b.kind === 'func_proto') return functionsMatch(pair, a, b, depth)
  if ('members' in a && 'members' in b) return membersMatch(pair, a, b, behindPointer, depth)
  if ('values' in a && 'values' in b) return valuesMatch(a, b)
  return true
}

const isNominal = (kind: string): boolean => kind === 'struct' || kind === 'union' || kind === 'fwd'

/** A declaration stands for the whole struct or union. */
function standsFor(a: { kind: string; of?: string }, b: { kind: string; of?: string }): boolean {
  return (a.of ?? a.kind) === (b.of ?? b.kind)
}

function functionsMatch(pair: Pair, a: FuncProto, b: FuncProto, depth: number): boolean {
  if (a.params.length !== b.params.length) return false
  const both = (x: number, y: number): boolean => matches(pair, x, y, false, depth + 1)
  return a.params.every((param, i) => both(param.type, b.params[i].type)) && both(a.type, b.type)
}

function membersMatch(pair: Pair, a: Composite, b: Composite, behindPointer: boolean, depth: number): boolean {
  if (a.members.length > b.members.length) return false
  return a.members.every((member) => {
    const like = b.members.filter(({ name }) => essentialName(name) === essentialName(member.name))
    return like.some(({ type }) => matches(pair, member.type, type, behindPointer, depth + 1))
  })
}

function valuesMatch(a: Enum, b: Enum): boolean {
  const names = new Set(b.values.map(({ name }) => essentialName(name)))
  return a.size === b.size && a.values.every(({ name }) => names.has(essentialName(name)))
}
