import type { BtfType, Composite, Member } from '../btf/type.ts'

/** A type with what layout has to know of it. */
export interface Laid {
  readonly id: number
  /** Bytes. */
  readonly size: number
  readonly align: number
}

const POINTER_BYTES = 8

/** Collects types, each once, and places members as C compilers for 64-bit machines do. */
export class TypeBuilder {
  readonly types: BtfType[] = [{ kind: 'void' }]
  private readonly known = new Map<string, Laid>([['void', { id: 0, size: 0, align: 1 }]])

  /** A named type (`u8`, `struct iphdr`); undefined if it was not declared yet. */
  find(name: string): Laid | undefined {
    return this.known.get(name)
  }

  declare(name: string, type: BtfType, size: number, align: number): Laid {
    const laid = { id: this.types.push(type) - 1, size, align }
    if (name) this.known.set(name, laid)
    return laid
  }

  pointer(to: Laid): Laid {
    const name = `*${to.id}`
    return this.find(name) ?? this.declare(name, { kind: 'ptr', type: to.id }, POINTER_BYTES, POINTER_BYTES)
  }

  array(of: Laid, count: number, index: Laid): Laid {
    const name = `${of.id}[${count}]`
    const type: BtfType = { kind: 'array', element: of.id, index: index.id, count }
    return this.find(name) ?? this.declare(name, type, of.size * count, of.align)
  }

  composite(kind: 'struct' | 'union', name: string, fields: readonly Field[]): Laid {
    const { members, size, align } = place(kind, fields)
    return this.declare(name && `${kind} ${name}`, { kind, name, size, members }, size, align)
  }
}

/** A member before it has a place. */
export interface Field {
  readonly name: string
  readonly type: Laid
  /** Bits of a bit-field, 0 for others. Without a name it is padding. */
  readonly bits: number
}

const alignUp = (offset: number, unit: number): number => Math.ceil(offset / unit) * unit

function place(
  kind: 'struct' | 'union',
  fields: readonly Field[],
): Pick<Composite, 'members' | 'size'> & { align: number } {
  const members: Member[] = []
  let end = 0
  let size = 0
  let align = 1
  for (const { name, type, bits } of fields) {
    const start = kind === 'union' ? 0 : end
    const offset = bits ? bitOffset(start, bits, type.size * 8) : alignUp(start, type.align * 8)
    end = offset + (bits || type.size * 8)
    size = Math.max(size, end)
    align = Math.max(align, type.align)
    if (name || !bits) members.push({ name, type: type.id, offset, bits })
  }
  return { members, size: alignUp(Math.ceil(size / 8), align), align }
}

/** A bit-field does not cross a boundary of its type. */
const bitOffset = (start: number, bits: number, unit: number): number =>
  (start % unit) + bits > unit ? alignUp(start, unit) : start
