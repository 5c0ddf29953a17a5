import { HELPER_NAMES } from '../helpers/names.ts'
import { MAP_TYPE_NAMES, PROGRAM_TYPE_NAMES } from '../syscall/type-names.ts'

const numbered = (name: string, prefix: string, names: readonly string[]): string =>
  `enum ${name} { ${names.map((one, i) => `${prefix}${one} = ${i}`).join(', ')} };\n`
const upper = (names: readonly string[]): string[] => names.map((name) => name.toUpperCase())

/** Enumerations of bpf(2), which programs ask for what a kernel knows. Source: `uapi/linux/bpf.h`. */
export const ENUMS =
  numbered('bpf_map_type', 'BPF_MAP_TYPE_', ['UNSPEC', ...upper(MAP_TYPE_NAMES)]) +
  numbered('bpf_prog_type', 'BPF_PROG_TYPE_', upper(PROGRAM_TYPE_NAMES)) +
  numbered('bpf_func_id', 'BPF_FUNC_', ['unspec', ...HELPER_NAMES])
