/** Numbers of the format. Source: Linux's BTF documentation, `uapi/linux/btf.h`. */
export const BTF_MAGIC = 0xeb9f
export const BTF_VERSION = 1
export const BTF_HEADER = 24
export const MAX_TYPE = 0xfffff

/** By kind number; what follows a type's 12 bytes: this much, and this much for each of `vlen`. */
export const KINDS = [
  { kind: 'void', fixed: 0, each: 0 },
  { kind: 'int', fixed: 4, each: 0 },
  { kind: 'ptr', fixed: 0, each: 0 },
  { kind: 'array', fixed: 12, each: 0 },
  { kind: 'struct', fixed: 0, each: 12 },
  { kind: 'union', fixed: 0, each: 12 },
  { kind: 'enum', fixed: 0, each: 8 },
  { kind: 'fwd', fixed: 0, each: 0 },
  { kind: 'typedef', fixed: 0, each: 0 },
  { kind: 'volatile', fixed: 0, each: 0 },
  { kind: 'const', fixed: 0, each: 0 },
  { kind: 'restrict', fixed: 0, each: 0 },
  { kind: 'func', fixed: 0, each: 0 },
  { kind: 'func_proto', fixed: 0, each: 8 },
  { kind: 'var', fixed: 4, each: 0 },
  { kind: 'datasec', fixed: 0, each: 12 },
  { kind: 'float', fixed: 0, each: 0 },
  { kind: 'decl_tag', fixed: 4, each: 0 },
  { kind: 'type_tag', fixed: 0, each: 0 },
  { kind: 'enum64', fixed: 0, each: 12 },
] as const

export const LINKAGES = ['static', 'global', 'extern'] as const
