/** What a CO-RE relocation asks for, by its number. Source: `uapi/linux/bpf.h`, `BPF_CORE_*`. */
export const CORE_KINDS = [
  'field_byte_offset',
  'field_byte_size',
  'field_exists',
  'field_signed',
  'field_lshift_u64',
  'field_rshift_u64',
  'type_id_local',
  'type_id_target',
  'type_exists',
  'type_size',
  'enumval_exists',
  'enumval_value',
  'type_matches',
] as const
export type CoreKind = (typeof CORE_KINDS)[number]

/** What becomes of an instruction if the target has no match; kinds that are not here are poisoned. */
export const WITHOUT_MATCH: Partial<Readonly<Record<CoreKind, bigint>>> = {
  field_exists: 0n,
  type_id_target: 0n,
  type_exists: 0n,
  type_size: 0n,
  enumval_exists: 0n,
  type_matches: 0n,
}

export const isFieldKind = (kind: CoreKind): boolean => kind.startsWith('field_')
export const isEnumKind = (kind: CoreKind): boolean => kind.startsWith('enumval_')

/** A relocation cannot be made: damaged, ambiguous, or beyond what an instruction holds. */
export class CoreError extends Error {
  override readonly name = 'CoreError'
  /** `EINVAL`, or `ERANGE` for an offset beyond 32767. */
  readonly code: 'EINVAL' | 'ERANGE'
  constructor(message: string, what: { readonly code: 'EINVAL' | 'ERANGE'; readonly cause?: unknown }) {
    super(message, what)
    this.code = what.code
  }
}
