import { ARGUMENT_REGISTER, FRAME_REGISTER } from './encoding.ts'
import type { Op } from './op.ts'
import { INVALID, OPS_BY_OPCODE } from './table.ts'

/** The row that five fields make, as its id; `INVALID` if an unused field is set, a register does not exist, or no row fits. */
export function identify(opcode: number, dst: number, src: number, off: number, imm: number): number {
  for (const op of OPS_BY_OPCODE[opcode]) {
    if (misfit(op, dst, src, off, imm) === undefined) return op.id
  }
  return INVALID
}

/** What keeps five fields from being the instruction `op`; undefined if nothing does. */
function misfit(op: Op, dst: number, src: number, off: number, imm: number): string | undefined {
  const { fields, fixed } = op
  if (!fields.src && src !== (fixed.src ?? 0)) return reserved('source register', src)
  if (!fields.off && off !== (fixed.off ?? 0)) return reserved('offset', off)
  if (!fields.imm && imm !== (fixed.imm ?? 0)) return reserved('immediate', imm)
  if (!fields.dst && dst !== 0) return reserved('destination register', dst)
  if (fields.dst && !exists(dst, op.kind === 'store')) return `there is no register r${dst}`
  if (fields.src && !exists(src, op.kind === 'load')) return `there is no register r${src}`
  return undefined
}

const reserved = (field: string, value: number): string => `${field} is ${value}, which this instruction does not allow`

const exists = (register: number, isBase: boolean): boolean =>
  register <= FRAME_REGISTER || (isBase && register === ARGUMENT_REGISTER)

/** Why the slot with these fields is invalid, in words. */
export function explain(opcode: number, dst: number, src: number, off: number, imm: number): string {
  const hex = `0x${opcode.toString(16).padStart(2, '0')}`
  const candidates = OPS_BY_OPCODE[opcode]
  if (candidates.length === 0) return `unknown opcode ${hex}`
  const reasons = new Set(candidates.map((op) => misfit(op, dst, src, off, imm)))
  if (reasons.has(undefined)) return `opcode ${hex}: the second half of the 64-bit number is missing or not plain`
  return `opcode ${hex}: ${[...reasons].join(', or ')}`
}
