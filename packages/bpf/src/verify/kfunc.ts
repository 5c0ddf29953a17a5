import type { Btf } from '../btf/type.ts'
import { kernelTypes } from '../kernel-types/kernel-types.ts'
import { PROG_TYPE } from '../syscall/numbers.ts'
import { type Prototype, signature } from './prototype.ts'
import { denied, ENOENT, invalid, Refusal } from './refusal.ts'
import { pointer, type Reg } from './reg.ts'
import type { Verification } from './verification.ts'

/** Functions of the kernel that programs may call, by name. Source: spec 02 §3.7. */
const COMMON: Readonly<Record<string, Prototype>> = {
  bpf_iter_num_new: signature('newIter scalar scalar'),
  bpf_iter_num_next: signature('iter', 'iterated'),
  bpf_iter_num_destroy: signature('endIter', 'void'),
  bpf_dynptr_slice: signature('dynptr scalar memOrNull constSize', 'sliceOrNull'),
  bpf_dynptr_slice_rdwr: signature('dynptr scalar memOrNull constSize', 'writableSliceOrNull'),
  bpf_dynptr_adjust: signature('dynptr scalar scalar'),
  bpf_dynptr_is_null: signature('dynptr'),
  bpf_dynptr_is_rdonly: signature('dynptr'),
  bpf_dynptr_size: signature('dynptr'),
  bpf_dynptr_clone: signature('dynptr cloneDynptr'),
  bpf_dynptr_copy: signature('dynptr scalar dynptr scalar scalar'),
  bpf_dynptr_memset: signature('dynptr scalar scalar scalar'),
  bpf_rcu_read_lock: signature('', 'void'),
  bpf_rcu_read_unlock: signature('', 'void'),
  bpf_preempt_disable: signature('', 'void'),
  bpf_preempt_enable: signature('', 'void'),
  bpf_throw: signature('scalar', 'void'),
  bpf_map_sum_elem_count: signature('map'),
  // Any address will do: what cannot be read is an error.
  bpf_strcmp: signature('any any'),
  bpf_strcasecmp: signature('any any'),
  bpf_strncasecmp: signature('any any scalar'),
  bpf_strchr: signature('any scalar'),
  bpf_strchrnul: signature('any scalar'),
  bpf_strnchr: signature('any scalar scalar'),
  bpf_strrchr: signature('any scalar'),
  bpf_strlen: signature('any'),
  bpf_strnlen: signature('any scalar'),
  bpf_strspn: signature('any any'),
  bpf_strcspn: signature('any any'),
  bpf_strstr: signature('any any'),
  bpf_strcasestr: signature('any any'),
  bpf_strnstr: signature('any any scalar'),
  bpf_strncasestr: signature('any any scalar'),
}
const SKB: Readonly<Record<string, Prototype>> = {
  bpf_dynptr_from_skb: signature('ctx scalar skbDynptr'),
}
const XDP: Readonly<Record<string, Prototype>> = {
  bpf_dynptr_from_xdp: signature('ctx scalar xdpDynptr'),
}

/** BTF ids of functions in the kernel's own types, by name. */
export function kernelFunctionIds(types: Btf = kernelTypes()): ReadonlyMap<string, number> {
  return new Map(types.types.flatMap((type, id) => (type.kind === 'func' ? [[type.name, id] as const] : [])))
}

/** The address of something of the kernel, by its BTF id: of functions, to tell whether they are there. */
export function kernelSymbol(id: number): Reg {
  const type = kernelTypes().types[id]
  if (!type) throw new Refusal(ENOENT, `ldimm64 insn specifies invalid btf_id ${id}.`)
  if (type.kind !== 'func') throw invalid(`pseudo btf_id ${id} in ldimm64 isn't KIND_VAR or KIND_FUNC`)
  return pointer('mem', { readonly: true })
}

/** The function of the kernel that a call names, if programs of the type may call it. */
export function kfuncAt(v: Verification, slot: number): { readonly name: string; readonly prototype: Prototype } {
  const id = v.code.imm[slot]
  if (id === 0) throw invalid('invalid kernel function call not eliminated in verifier pass')
  if (!v.input.gpl) throw invalid('cannot call kernel function from non-GPL compatible program')
  if (v.code.off[slot] !== 0) throw invalid('kernel module BTF is not supported')
  const type = kernelTypes().types[id]
  if (type?.kind !== 'func') throw invalid(`kernel btf_id ${id} is not a function`)
  const { name } = type
  const own = v.input.programType === PROG_TYPE.xdp ? XDP : SKB
  const prototype = COMMON[name] ?? own[name]
  if (!prototype) throw denied(`calling kernel function ${name} is not allowed`)
  return { name, prototype }
}
