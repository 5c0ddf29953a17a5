/** What a kernel checks of an attribute in a request, as data. Source: spec 01 §1.8. */
export type Policy =
  | { readonly type: 'unspec'; readonly min?: number }
  | { readonly type: 'flag' }
  | { readonly type: UnsignedType; readonly min?: bigint; readonly max?: bigint; readonly mask?: bigint }
  | { readonly type: SignedType; readonly min?: bigint; readonly max?: bigint }
  | { readonly type: 'be16' | 'be32' }
  | { readonly type: 'string' | 'nul-string'; readonly max?: number }
  | { readonly type: 'binary'; readonly min?: number; readonly max?: number }
  | { readonly type: 'nest' | 'nest-array'; readonly inner?: () => PolicyTable }
  | { readonly type: 'bitfield32'; readonly mask: number }
  | { readonly type: 'reject'; readonly text?: string }

export type UnsignedType = 'u8' | 'u16' | 'u32' | 'u64' | 'uint'
export type SignedType = 's8' | 's16' | 's32' | 's64' | 'sint'

/** The policies of one attribute set, indexed by attribute id. */
export interface PolicyTable {
  readonly maxId: number
  /** From this id on, attributes are checked STRICT whatever the level of the request. */
  readonly strictFrom: number
  /** `maxId` is that of all attributes, taken or not. */
  readonly whole?: true
  /** First kernel release in which `strictFrom` counts. */
  readonly strictSince?: string
  readonly policies: readonly (Policy | undefined)[]
  /** How the attributes came about, by id. */
  readonly history?: readonly (AttrHistory | undefined)[]
}

/** What older releases of the kernel do otherwise with an attribute. */
export interface AttrHistory {
  /** First kernel release that has it; where that is not known, the first in which it was seen. */
  readonly since?: string
  /** What was checked before a release. */
  readonly earlier?: { readonly before: string; readonly policy: Policy }
}

/** A request without attributes: any attribute is refused. */
export const NO_ATTRS: PolicyTable = { maxId: 0, strictFrom: Number.POSITIVE_INFINITY, policies: [] }

/** The numbers of the types in a POLICY extended ack (NL_ATTR_TYPE_*). */
export const POLICY_TYPE_NUMBER: Readonly<Record<Policy['type'], number>> = {
  unspec: 0, // never described, as reject and the big-endian types
  reject: 0,
  be16: 0,
  be32: 0,
  flag: 1,
  u8: 2,
  u16: 3,
  u32: 4,
  u64: 5,
  s8: 6,
  s16: 7,
  s32: 8,
  s64: 9,
  binary: 10,
  string: 11,
  'nul-string': 12,
  nest: 13,
  'nest-array': 14,
  bitfield32: 15,
  sint: 16,
  uint: 17,
}

/** Payload bytes of the types of fixed size. */
export const FIXED_SIZE: Readonly<Partial<Record<Policy['type'], number>>> = {
  u8: 1,
  s8: 1,
  u16: 2,
  s16: 2,
  be16: 2,
  u32: 4,
  s32: 4,
  be32: 4,
  u64: 8,
  s64: 8,
}

const BITS: Readonly<Record<UnsignedType | SignedType, bigint>> = {
  u8: 8n,
  u16: 16n,
  u32: 32n,
  u64: 64n,
  uint: 64n,
  s8: 8n,
  s16: 16n,
  s32: 32n,
  s64: 64n,
  sint: 64n,
}

/** The range that a value may have: the declared one, or all that the type can hold. */
export function rangeOf(p: { type: UnsignedType | SignedType; min?: bigint; max?: bigint }): {
  min: bigint
  max: bigint
} {
  const bits = BITS[p.type]
  const signed = p.type.startsWith('s')
  return {
    min: p.min ?? (signed ? -(1n << (bits - 1n)) : 0n),
    max: p.max ?? (1n << (signed ? bits - 1n : bits)) - 1n,
  }
}
