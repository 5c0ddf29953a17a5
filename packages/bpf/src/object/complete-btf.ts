import type { Btf, BtfType, DataSection } from '../btf/type.ts'
import type { ElfFile, Section } from '../elf/file.ts'
import type { ObjectFunction } from './object.ts'

/**
 * Fills in what compilers leave to loaders: sizes of data sections and offsets of the variables in them, from the ELF file; hidden
 * functions become static, so that they are verified where they are called.
 */
export function completeBtf(btf: Btf, elf: ElfFile, functions: readonly ObjectFunction[]): Btf {
  const hidden = new Set(functions.filter((func) => func.hidden).map(({ name }) => name))
  const complete = (type: BtfType): BtfType => {
    if (type.kind === 'func' && hidden.has(type.name)) return { ...type, linkage: 'static' }
    if (type.kind !== 'datasec') return type
    const section = elf.sections.find(({ name }) => name === type.name)
    return section ? completeSection(type, section, btf, elf) : type
  }
  return { types: btf.types.map(complete) }
}

function completeSection(type: DataSection, section: Section, btf: Btf, elf: ElfFile): DataSection {
  const symbols = new Map(
    elf.symbols.filter((symbol) => symbol.section === section.index).map((symbol) => [symbol.name, symbol]),
  )
  const entries = type.entries.map((entry) => {
    const variable = btf.types[entry.type]
    const symbol = 'name' in variable ? symbols.get(variable.name) : undefined
    return symbol ? { ...entry, offset: symbol.value } : entry
  })
  return { ...type, size: section.size, entries: entries.sort((a, b) => a.offset - b.offset) }
}
