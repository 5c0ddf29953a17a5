import { helperName } from '../helpers/names.ts'
import { type Code, const64, jumpTarget, opAt } from '../isa/code.ts'
import { TEMPLATES } from './templates.ts'

/** Names of slots, for jump targets and calls. */
export type Labels = ReadonlyMap<number, string>

const signed = (n: number): string => (n < 0 ? `${n}` : `+${n}`)

/** What stands for a placeholder of a template. */
function field(code: Code, slot: number, name: string, labels: Labels | undefined): string {
  switch (name) {
    case 'dst':
      return `${code.dst[slot]}`
    case 'src':
      return `${code.src[slot]}`
    case 'off':
      return ` ${signed(code.off[slot])}`
    case 'index':
      return `${code.off[slot]}`
    case 'imm':
      return `${code.imm[slot]}`
    case 'hex':
      return `0x${(code.imm[slot] >>> 0).toString(16)}`
    case 'imm64':
      return `0x${const64(code, slot).toString(16)}`
    case 'high':
      return `${code.imm[slot + 1]}`
    case 'helper':
      return helper(code.imm[slot])
    default:
      return target(code, slot, labels)
  }
}

function helper(id: number): string {
  const name = helperName(id)
  return name ? `bpf_${name}#${id}` : `${id >>> 0}`
}

function target(code: Code, slot: number, labels: Labels | undefined): string {
  const to = jumpTarget(code, slot)
  const isConst = opAt(code, slot).kind === 'const'
  return labels?.get(to) ?? `${isConst ? '' : 'pc'}${signed(to - slot - 1)}`
}

/**
 * The instruction at `slot` as the kernel's verifier and bpftool write it, but with `ll` after a 64-bit number as compilers
 * do, which tells it from a move. What is no instruction comes as `.8byte`, so that the assembler reads everything back.
 */
export function printInstruction(code: Code, slot: number, labels?: Labels): string {
  const template = TEMPLATES[code.op[slot]][0]
  if (template === undefined) return `.8byte 0x${rawSlot(code, slot).toString(16)}`
  return template.replace(/\{(\w+)\}/g, (_, name: string) => field(code, slot, name, labels))
}

/** The eight bytes of a slot as one little-endian number. */
function rawSlot(code: Code, slot: number): bigint {
  const registers = (code.src[slot] << 4) | code.dst[slot]
  const low = BigInt(code.opcode[slot] | (registers << 8)) | (BigInt(code.off[slot] & 0xffff) << 16n)
  return low | (BigInt(code.imm[slot] >>> 0) << 32n)
}
