import { type Code, jumpTarget, opAt } from '../isa/code.ts'
import { printInstruction } from './print.ts'

/** One instruction of a listing. */
export interface Line {
  readonly slot: number
  /** 1, or 2 for an LD_IMM64. */
  readonly slots: number
  readonly opcode: number
  readonly text: string
}

/** All instructions in order. Jump targets are distances, as bpftool prints them. */
export function disassemble(code: Code): Line[] {
  const lines: Line[] = []
  for (let slot = 0; slot < code.length; ) {
    const slots = opAt(code, slot).kind === 'const' ? 2 : 1
    lines.push({ slot, slots, opcode: code.opcode[slot], text: printInstruction(code, slot) })
    slot += slots
  }
  return lines
}

/** A listing that the assembler reads back, with labels (`L3:` for slot 3) at all jump targets and subprograms inside the code. */
export function toAssembly(code: Code): string {
  const lines = disassemble(code)
  const starts = new Set(lines.map(({ slot }) => slot))
  const targets = lines.map(({ slot }) => jumpTarget(code, slot)).filter((target) => starts.has(target))
  const labels = new Map(targets.map((target) => [target, `L${target}`]))
  const text = lines.map(({ slot }) => {
    const label = labels.get(slot)
    return `${label ? `${label}:\n` : ''}  ${printInstruction(code, slot, labels)}\n`
  })
  return text.join('')
}
