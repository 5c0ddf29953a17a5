import type { Btf, BtfType } from './type.ts'

/** Longer chains of types are circles. Linux allows 32. */
const MAX_DEPTH = 64

/** Types that go round in circles, or have no size where one is needed. */
export class BtfError extends Error {
  override readonly name = 'BtfError'
}

/** A type that is there; ids from outside may not be. */
export function typeAt(btf: Btf, id: number): BtfType {
  const type = btf.types[id]
  if (!type) throw new BtfError(`there is no type ${id}`)
  return type
}

/** The id behind const, volatile, restrict and type tags, and behind typedefs too. */
export function skipModifiers(btf: Btf, id: number): number {
  let at = id
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const type = typeAt(btf, at)
    switch (type.kind) {
      case 'typedef':
      case 'volatile':
      case 'const':
      case 'restrict':
      case 'type_tag':
        at = type.type
        break
      default:
        return at
    }
  }
  throw new BtfError(`type ${id} is made of itself`)
}

/** The type behind modifiers and typedefs. */
export const bareType = (btf: Btf, id: number): BtfType => typeAt(btf, skipModifiers(btf, id))

/** Bytes that a value of a type takes. Throws a BtfError for types without a size. */
export function sizeOf(btf: Btf, id: number): number {
  let count = 1
  let at = id
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const type = bareType(btf, at)
    switch (type.kind) {
      case 'int':
      case 'struct':
      case 'union':
      case 'enum':
      case 'enum64':
      case 'float':
      case 'datasec':
        return count * type.size
      case 'ptr':
        return count * 8
      case 'array':
        count *= type.count
        at = type.element
        break
      case 'var':
        at = type.type
        break
      default:
        throw new BtfError(`type ${id} has no size: it is of kind ${type.kind}`)
    }
  }
  throw new BtfError(`type ${id} is made of itself`)
}
