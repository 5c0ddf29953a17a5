import { disassemble } from '../asm/disassemble.ts'
import { printDefinition } from '../btf/print.ts'
import type { Btf } from '../btf/type.ts'
import type { LinkedProgram } from './link.ts'

/** A program as bpftool lists it: functions by their declarations, source lines after `;`, instructions with number and opcode. */
export function printListing({ code, functions, lines }: LinkedProgram, btf?: Btf): string {
  const heads = new Map(functions.map((func) => [func.slot, headOf(func.name, func.type, btf)]))
  const sources = new Map(lines.map(({ slot, text }) => [slot, text.trim()]))
  const rows = disassemble(code).flatMap(({ slot, opcode, text }) => {
    const source = sources.get(slot)
    const row = `${String(slot).padStart(4)}: (${opcode.toString(16).padStart(2, '0')}) ${text}`
    return [...(heads.has(slot) ? [`${heads.get(slot)}:`] : []), ...(source ? [`; ${source}`] : []), row]
  })
  return rows.map((row) => `${row}\n`).join('')
}

const headOf = (name: string, type: number, btf: Btf | undefined): string =>
  btf && type ? printDefinition(btf, type).replace(/;$/, '') : name
