import { bareType, skipModifiers, typeAt } from '../btf/resolve.ts'
import type { Btf, BtfType } from '../btf/type.ts'

/** Pointers, arrays and functions inside each other that are followed; deeper types count as different, as in Linux. */
const MAX_DEPTH = 32

/** A name without the flavor after three underscores: `task___old` is `task`. */
export const essentialName = (name: string): string => {
  const at = name.lastIndexOf('___')
  return at > 0 ? name.slice(0, at) : name
}

export const nameOf = (type: BtfType): string => ('name' in type ? type.name : '')

const family = (type: BtfType): string => (type.kind === 'enum64' ? 'enum' : type.kind)

/** Whether two types are of the same kind; enums are, of whatever width. */
export const sameKind = (a: BtfType, b: BtfType): boolean => family(a) === family(b)

const isComposite = ({ kind }: BtfType): boolean => kind === 'struct' || kind === 'union'

/** Whether a field of one type can be read as one of another: integers of any size, pointers to anything, arrays by element. */
export function fieldsCompatible(local: Btf, localId: number, target: Btf, targetId: number, depth = 0): boolean {
  const a = bareType(local, localId)
  const b = bareType(target, targetId)
  if (isComposite(a) && isComposite(b)) return true
  if (!sameKind(a, b) || depth > MAX_DEPTH) return false
  switch (a.kind) {
    case 'ptr':
    case 'float':
      return true
    case 'fwd':
    case 'enum':
    case 'enum64':
      return sameNames(a, b)
    case 'int':
      return a.offset === 0 && b.kind === 'int' && b.offset === 0
    case 'array':
      return b.kind === 'array' && fieldsCompatible(local, a.element, target, b.element, depth + 1)
    default:
      return false
  }
}

function sameNames(a: BtfType, b: BtfType): boolean {
  const [x, y] = [essentialName(nameOf(a)), essentialName(nameOf(b))]
  return !x || !y || x === y
}

/** Whether a type can stand for another as a whole, names aside: by kind, and through pointers, arrays and functions. */
export function typesCompatible(local: Btf, localId: number, target: Btf, targetId: number, depth = 0): boolean {
  const a = typeAt(local, skipModifiers(local, localId))
  const b = typeAt(target, skipModifiers(target, targetId))
  if (!sameKind(a, b) || depth > MAX_DEPTH) return false
  const both = (x: number, y: number): boolean => typesCompatible(local, x, target, y, depth + 1)
  if (a.kind === 'int' && b.kind === 'int') return a.offset === 0 && b.offset === 0
  if (a.kind === 'ptr' && b.kind === 'ptr') return both(a.type, b.type)
  if (a.kind === 'array' && b.kind === 'array') return both(a.element, b.element)
  if (a.kind === 'func_proto' && b.kind === 'func_proto') {
    if (a.params.length !== b.params.length) return false
    return a.params.every((param, i) => both(param.type, b.params[i].type)) && both(a.type, b.type)
  }
  return true
}
