import type { Btf, BtfType, DataSection, SectionEntry } from '../btf/type.ts'
import type { ElfFile, Section } from '../elf/file.ts'
import type { ObjectFunction } from './object.ts'
import { type ObjectSetting, SETTINGS_SECTION, settingEntries, settingsBytes } from './settings.ts'

/** Sections of things that are defined elsewhere: nothing but types says what is in them. */
const EXTERNS = ['.ksyms']
/** What a kernel's BTF, which has no externs, gets in their place. */
const PLACEHOLDER = 'extern_placeholder'

/**
 * Fills in what compilers leave to loaders, so that a kernel takes the types: sizes of data sections and offsets of the variables in them,
 * from the ELF file; hidden functions become static, so that they are verified where they are called; externs become global, and the section of
 * those that the kernel defines holds placeholders.
 */
export function completeBtf(
  btf: Btf,
  elf: ElfFile,
  functions: readonly ObjectFunction[],
  settings: readonly ObjectSetting[],
): Btf {
  const hidden = new Set(functions.filter((func) => func.hidden).map(({ name }) => name))
  // Types are only ever added behind the others: ids stay.
  const types = btf.types.map((type): BtfType => {
    if (type.kind === 'func' && hidden.has(type.name)) return { ...type, linkage: 'static' }
    if ((type.kind === 'func' || type.kind === 'var') && type.linkage === 'extern')
      return { ...type, linkage: 'global' }
    if (type.kind !== 'datasec') return type
    if (type.name === SETTINGS_SECTION)
      return { ...type, size: settingsBytes(settings), entries: settingEntries(settings) }
    const section = elf.sections.find(({ name }) => name === type.name)
    return section ? completeSection(type, section, btf, elf) : type
  })
  return { types: withPlaceholders(types) }
}

function completeSection(type: DataSection, section: Section, btf: Btf, elf: ElfFile): DataSection {
  const inside = elf.symbols.filter((symbol) => symbol.section === section.index)
  const symbols = new Map(inside.map((symbol) => [symbol.name, symbol]))
  const entries = type.entries.map((entry) => {
    const variable = btf.types[entry.type]
    const symbol = 'name' in variable ? symbols.get(variable.name) : undefined
    return symbol ? { ...entry, offset: symbol.value } : entry
  })
  return { ...type, size: section.size, entries: entries.sort((a, b) => a.offset - b.offset) }
}

function withPlaceholders(types: readonly BtfType[]): BtfType[] {
  const externs = types.filter((type) => type.kind === 'datasec' && EXTERNS.includes(type.name))
  if (externs.length === 0) return [...types]
  const int = types.length
  const entries = (count: number): SectionEntry[] =>
    Array.from({ length: count }, (_, i) => ({ type: int + 1, offset: i * 4, size: 4 }))
  const replaced = types.map((type): BtfType => {
    if (type.kind !== 'datasec' || !EXTERNS.includes(type.name)) return type
    return { ...type, size: type.entries.length * 4, entries: entries(type.entries.length) }
  })
  return [
    ...nameParameters(replaced, externs),
    { kind: 'int', name: 'int', size: 4, bits: 32, offset: 0, encoding: 1 },
    { kind: 'var', name: PLACEHOLDER, type: int, linkage: 'global' },
  ]
}

/** Parameters of global functions must have names; those of declarations often have none. */
function nameParameters(types: readonly BtfType[], externs: readonly BtfType[]): BtfType[] {
  const functions = externs.flatMap((section) =>
    section.kind === 'datasec' ? section.entries.map(({ type }) => types[type]) : [],
  )
  const prototypes = new Set(functions.flatMap((type) => (type.kind === 'func' ? [type.type] : [])))
  return types.map((type, id) => {
    if (type.kind !== 'func_proto' || !prototypes.has(id)) return type
    return {
      ...type,
      params: type.params.map((param) => (param.type && !param.name ? { ...param, name: PLACEHOLDER } : param)),
    }
  })
}
