/** Type ids index `Btf.types`; 0 is void. Names are empty where a type has none. */

export interface Void {
  readonly kind: 'void'
}
export interface Int {
  readonly kind: 'int'
  readonly name: string
  /** Bytes of storage. */
  readonly size: number
  /** Bits of the value and where it begins in storage; `size * 8` and 0 but for old bit-field types. */
  readonly bits: number
  readonly offset: number
  /** 0, or of `INT_SIGNED`, `INT_CHAR`, `INT_BOOL`. */
  readonly encoding: number
}
export interface Pointer {
  readonly kind: 'ptr'
  readonly type: number
}
export interface ArrayOf {
  readonly kind: 'array'
  readonly element: number
  readonly index: number
  readonly count: number
}
export interface Member {
  readonly name: string
  readonly type: number
  /** Bits from the start of the struct. */
  readonly offset: number
  /** Bits of a bit-field; 0 of an ordinary member. */
  readonly bits: number
}
export interface Composite {
  readonly kind: 'struct' | 'union'
  readonly name: string
  readonly size: number
  readonly members: readonly Member[]
}
export interface Enumerator {
  readonly name: string
  readonly value: bigint
}
export interface Enum {
  /** `enum64` has values of 64 bits. */
  readonly kind: 'enum' | 'enum64'
  readonly name: string
  readonly size: number
  readonly signed: boolean
  readonly values: readonly Enumerator[]
}
export interface Forward {
  readonly kind: 'fwd'
  readonly name: string
  readonly of: 'struct' | 'union'
}
export interface Modifier {
  readonly kind: 'typedef' | 'volatile' | 'const' | 'restrict'
  /** Of a typedef. */
  readonly name: string
  readonly type: number
}
export interface TypeTag {
  readonly kind: 'type_tag'
  readonly name: string
  readonly type: number
  /** Any attribute of the compiler by its name, rather than a tag. */
  readonly attribute: boolean
}
export type Linkage = 'static' | 'global' | 'extern'
export interface Func {
  readonly kind: 'func'
  readonly name: string
  /** A `func_proto`. */
  readonly type: number
  readonly linkage: Linkage
}
export interface Parameter {
  readonly name: string
  readonly type: number
}
export interface FuncProto {
  readonly kind: 'func_proto'
  /** What it returns. */
  readonly type: number
  /** A last parameter of type 0 without a name stands for `...`. */
  readonly params: readonly Parameter[]
}
export interface Var {
  readonly kind: 'var'
  readonly name: string
  readonly type: number
  readonly linkage: Linkage
}
export interface SectionEntry {
  readonly type: number
  readonly offset: number
  readonly size: number
}
export interface DataSection {
  readonly kind: 'datasec'
  readonly name: string
  readonly size: number
  readonly entries: readonly SectionEntry[]
}
export interface Float {
  readonly kind: 'float'
  readonly name: string
  readonly size: number
}
export interface DeclTag {
  readonly kind: 'decl_tag'
  readonly name: string
  readonly type: number
  /** Index of the member or parameter; −1 for the whole. */
  readonly component: number
  /** As of a type tag. */
  readonly attribute: boolean
}

export type BtfType =
  | Void
  | Int
  | Pointer
  | ArrayOf
  | Composite
  | Enum
  | Forward
  | Modifier
  | TypeTag
  | Func
  | FuncProto
  | Var
  | DataSection
  | Float
  | DeclTag

export const INT_SIGNED = 1
export const INT_CHAR = 2
export const INT_BOOL = 4

/** The types of an object file or a kernel. */
export interface Btf {
  /** By type id; the first is void. */
  readonly types: readonly BtfType[]
}
