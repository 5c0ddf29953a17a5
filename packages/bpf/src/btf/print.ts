import { BtfError, typeAt } from './resolve.ts'
import type { Btf, Composite, Enum, FuncProto, Member } from './type.ts'

/** Anonymous types inside each other, pointers and qualifiers; deeper ones are circles or an attack. */
const MAX_DEPTH = 64

/** Writes types as C. */
class Printer {
  private readonly btf: Btf
  constructor(btf: Btf) {
    this.btf = btf
  }

  /** A declaration of `inner` (a name, or a declarator around one) with a type. */
  declare(id: number, inner: string, indent: string, depth: number): string {
    if (depth > MAX_DEPTH) throw new BtfError(`type ${id} is nested too deeply, or made of itself`)
    const type = typeAt(this.btf, id)
    const of = (next: number, text: string): string => this.declare(next, text, indent, depth + 1)
    switch (type.kind) {
      case 'ptr':
        return of(type.type, this.bindsTighter(type.type) ? `(*${inner})` : `*${inner}`)
      case 'const':
      case 'volatile':
      case 'restrict':
        return this.isPointer(type.type)
          ? of(type.type, join(type.kind, inner))
          : `${type.kind} ${of(type.type, inner)}`
      case 'array':
        return of(type.element, `${inner}[${type.count}]`)
      case 'func_proto':
        return of(type.type, `${inner}(${this.parameters(type, indent, depth)})`)
      case 'type_tag':
        return of(type.type, inner)
      default:
        return join(this.base(id, indent, depth), inner)
    }
  }

  /** Whether a declarator of this type binds tighter than `*`. */
  private bindsTighter(id: number): boolean {
    const { kind } = typeAt(this.btf, id)
    return kind === 'array' || kind === 'func_proto'
  }

  private isPointer(id: number): boolean {
    return typeAt(this.btf, id).kind === 'ptr'
  }

  private parameters(type: FuncProto, indent: string, depth: number): string {
    if (type.params.length === 0) return 'void'
    const one = ({ name, type: id }: { name: string; type: number }): string =>
      id === 0 && !name ? '...' : this.declare(id, name, indent, depth + 1)
    return type.params.map(one).join(', ')
  }

  /** A type that a name stands for, or the body of an anonymous one. */
  private base(id: number, indent: string, depth: number): string {
    const type = typeAt(this.btf, id)
    switch (type.kind) {
      case 'struct':
      case 'union':
        return type.name ? `${type.kind} ${type.name}` : this.composite(type, indent, depth)
      case 'enum':
      case 'enum64':
        return type.name ? `enum ${type.name}` : enumeration(type, indent)
      case 'fwd':
        return `${type.of} ${type.name}`
      case 'void':
        return 'void'
      default:
        return 'name' in type ? type.name : type.kind
    }
  }

  composite(type: Composite, indent: string, depth: number): string {
    const inside = `${indent}\t`
    const line = ({ name, type: id, bits }: Member): string =>
      `${inside}${this.declare(id, name, inside, depth + 1)}${bits ? `: ${bits}` : ''};\n`
    return `${join(type.kind, type.name)} {\n${type.members.map(line).join('')}${indent}}`
  }
}

const join = (left: string, right: string): string => (right ? `${left} ${right}` : left)

function enumeration(type: Enum, indent: string): string {
  const values = type.values.map(({ name, value }) => `${indent}\t${name} = ${value},\n`)
  return `${join('enum', type.name)} {\n${values.join('')}${indent}}`
}

/** `int (*name)[4]`, `struct iphdr *name`: how a variable `name` of a type is declared; without a name, the type alone. */
export const printType = (btf: Btf, id: number, name = ''): string => new Printer(btf).declare(id, name, '', 0)

/** A type with its body, as it stands in a header: `struct v4 {…};`, `typedef …;`, `int main(struct __sk_buff *ctx);`. */
export function printDefinition(btf: Btf, id: number): string {
  const printer = new Printer(btf)
  const type = typeAt(btf, id)
  switch (type.kind) {
    case 'struct':
    case 'union':
      return `${printer.composite(type, '', 0)};`
    case 'enum':
    case 'enum64':
      return `${enumeration(type, '')};`
    case 'typedef':
      return `typedef ${printer.declare(type.type, type.name, '', 0)};`
    case 'func':
    case 'var':
      return `${type.linkage === 'global' ? '' : `${type.linkage} `}${printer.declare(type.type, type.name, '', 0)};`
    case 'datasec':
      return type.entries.map((entry) => printDefinition(btf, entry.type)).join('\n')
    default:
      return `${printer.declare(id, '', '', 0)};`
  }
}
