import type { Btf, Enumerator, Parameter } from '../btf/type.ts'
import { type Field, type Laid, TypeBuilder } from './builder.ts'

/**
 * Makes types of declarations in a small part of C: `struct`, `union` and `enum` with a body, `typedef`; members that are scalars, pointers,
 * arrays, bit-fields and nested structs. What a declaration uses has to stand before it, except behind pointers.
 * Throws an error that quotes what it does not understand: the text is ours.
 */
export function typesOf(base: (builder: TypeBuilder) => void, declarations: string): Btf {
  const builder = new TypeBuilder()
  base(builder)
  new Parser(builder, declarations).all()
  return { types: builder.types }
}

const TOKEN = /[a-z_]\w*|0x[\da-f]+|-?\d+|[{}[\]();:,=*]/gi

class Parser {
  private readonly builder: TypeBuilder
  private readonly tokens: readonly string[]
  private at = 0

  constructor(builder: TypeBuilder, text: string) {
    this.builder = builder
    this.tokens = text.replace(/\/\/.*/g, '').match(TOKEN) ?? []
  }

  all(): void {
    while (this.at < this.tokens.length) this.declaration()
  }

  private next(): string {
    return this.tokens[this.at++] ?? this.fail('the end')
  }

  /** Takes a token if it is the next one. */
  private accept(token: string): boolean {
    if (this.tokens[this.at] !== token) return false
    this.at++
    return true
  }

  private expect(token: string): void {
    const found = this.next()
    if (found !== token) this.fail(`${found} in place of ${token}`)
  }

  private fail(what: string): never {
    throw new Error(`declarations: ${what}, after "${this.tokens.slice(Math.max(0, this.at - 8), this.at).join(' ')}"`)
  }

  private declaration(): void {
    if (this.accept('typedef')) {
      const type = this.type()
      const name = this.next()
      this.builder.declare(name, { kind: 'typedef', name, type: type.id }, type.size, type.align)
    } else {
      const type = this.type()
      if (this.tokens[this.at] !== ';') this.func(type)
    }
    this.expect(';')
  }

  /** A function that programs may call: its result was read. */
  private func(result: Laid): void {
    const name = this.next()
    const params: Parameter[] = []
    this.expect('(')
    while (!this.accept(')')) {
      const type = this.type()
      params.push({ type: type.id, name: this.next() })
      this.accept(',')
    }
    const proto = this.builder.declare('', { kind: 'func_proto', type: result.id, params }, 0, 1)
    this.builder.declare('', { kind: 'func', name, type: proto.id, linkage: 'static' }, 0, 1)
  }

  /** A type, without what stands around the name of a variable but for stars before it. */
  private type(): Laid {
    const word = this.next()
    let type: Laid
    if (word === 'struct' || word === 'union') type = this.composite(word)
    else if (word === 'enum') type = this.enumeration()
    else type = this.builder.find(word) ?? this.fail(`unknown type ${word}`)
    while (this.accept('*')) type = this.builder.pointer(type)
    return type
  }

  private composite(kind: 'struct' | 'union'): Laid {
    const name = this.tokens[this.at] === '{' ? '' : this.next()
    if (!this.accept('{')) return this.builder.find(`${kind} ${name}`) ?? this.forward(kind, name)
    const fields: Field[] = []
    while (!this.accept('}')) fields.push(...this.fields())
    return this.builder.composite(kind, name, fields)
  }

  /** A struct that only pointers know. */
  private forward(kind: 'struct' | 'union', name: string): Laid {
    if (this.tokens[this.at] !== '*') this.fail(`${kind} ${name} is not declared`)
    return this.builder.declare('', { kind: 'fwd', name, of: kind }, 0, 1)
  }

  private enumeration(): Laid {
    const name = this.tokens[this.at] === '{' ? '' : this.next()
    this.expect('{')
    const values: Enumerator[] = []
    while (!this.accept('}')) {
      const own = this.next()
      const value = this.accept('=') ? BigInt(this.next()) : (values.at(-1)?.value ?? -1n) + 1n
      values.push({ name: own, value })
      this.accept(',')
    }
    const signed = values.some(({ value }) => value < 0n)
    return this.builder.declare(name && `enum ${name}`, { kind: 'enum', name, size: 4, signed, values }, 4, 4)
  }

  /** One or more members of a type, up to the semicolon. */
  private fields(): Field[] {
    const type = this.type()
    if (this.accept(';')) return [{ name: '', type, bits: 0 }]
    const fields: Field[] = []
    do fields.push(this.field(type))
    while (this.accept(','))
    this.expect(';')
    return fields
  }

  private field(type: Laid): Field {
    const name = this.tokens[this.at] === ':' ? '' : this.next()
    if (this.accept(':')) return { name, type, bits: Number(this.next()) }
    const counts: number[] = []
    while (this.accept('[')) {
      counts.push(Number(this.next()))
      this.expect(']')
    }
    const index = this.builder.find('int') ?? this.fail('no int for the index of arrays')
    return {
      name,
      type: counts.reduceRight((element, count) => this.builder.array(element, count, index), type),
      bits: 0,
    }
  }
}
