import { bareType, sizeOf } from './resolve.ts'
import type { Btf } from './type.ts'

/** A member of a map's value that only helpers may touch. */
export interface SpecialField {
  /** Name of its struct, or `kptr`. */
  readonly kind: string
  /** Bytes from the start of the value. */
  readonly at: number
  readonly size: number
}

/** Structs that stand for something in the kernel. Source: `uapi/linux/bpf.h`. */
const SPECIAL: ReadonlySet<string> = new Set([
  'bpf_spin_lock',
  'bpf_res_spin_lock',
  'bpf_timer',
  'bpf_wq',
  'bpf_task_work',
  'bpf_list_head',
  'bpf_list_node',
  'bpf_rb_root',
  'bpf_rb_node',
  'bpf_refcount',
])
/** Tags of pointers to the kernel's own objects. */
const KPTR_TAGS: ReadonlySet<string> = new Set(['kptr', 'kptr_untrusted', 'percpu_kptr', 'uptr'])
const MAX_DEPTH = 4

/** The special members of a type, in order of their places. */
export function specialFields(btf: Btf, type: number): SpecialField[] {
  return find(btf, type, 0, 0).sort((a, b) => a.at - b.at)
}

function find(btf: Btf, id: number, base: number, depth: number): SpecialField[] {
  const type = bareType(btf, id)
  if (depth > MAX_DEPTH) return []
  switch (type.kind) {
    case 'struct':
    case 'union':
      if (SPECIAL.has(type.name)) return [{ kind: type.name, at: base, size: type.size }]
      return type.members.flatMap((member) => find(btf, member.type, base + member.offset / 8, depth + 1))
    case 'array': {
      const size = sizeOf(btf, type.element)
      if (find(btf, type.element, 0, depth + 1).length === 0) return []
      return Array.from({ length: type.count }, (_, i) => find(btf, type.element, base + i * size, depth + 1)).flat()
    }
    case 'datasec':
      return type.entries.flatMap((entry) => find(btf, entry.type, base + entry.offset, depth + 1))
    case 'var':
      return find(btf, type.type, base, depth)
    case 'ptr': {
      const to = btf.types[type.type]
      return to?.kind === 'type_tag' && KPTR_TAGS.has(to.name) ? [{ kind: 'kptr', at: base, size: 8 }] : []
    }
    default:
      return []
  }
}
