import { Reader } from '../bytes/reader.ts'

/** A section of an ELF file. */
export interface Section {
  readonly index: number
  readonly name: string
  /** `SHT_*`. */
  readonly type: number
  /** `SHF_*`. */
  readonly flags: number
  /** Bytes it takes in memory; more than `bytes` has for NOBITS sections, which are zero. */
  readonly size: number
  readonly bytes: Uint8Array
  readonly link: number
  readonly info: number
  /** Where it is in the file, for errors. */
  readonly offset: number
}

export interface ElfSymbol {
  readonly name: string
  /** Offset in its section. */
  readonly value: number
  readonly size: number
  readonly type: 'none' | 'object' | 'function' | 'section' | 'other'
  readonly binding: 'local' | 'global' | 'weak'
  /** Hidden or internal: not for other files. */
  readonly hidden: boolean
  /** Index of the section; 0 if the symbol is not defined here. */
  readonly section: number
}

export interface Relocation {
  /** Offset in the section that it changes. */
  readonly offset: number
  /** `R_BPF_*`. */
  readonly type: number
  readonly symbol: ElfSymbol
}

/** What eBPF object files have of ELF64. */
export interface ElfFile {
  readonly sections: readonly Section[]
  readonly symbols: readonly ElfSymbol[]
  /** By index of the section that they change. */
  readonly relocations: ReadonlyMap<number, readonly Relocation[]>
}

const SHT = { PROGBITS: 1, SYMTAB: 2, NOBITS: 8, REL: 9 } as const
export const SHF_EXECINSTR = 4
export const R_BPF_64_64 = 1
export const R_BPF_64_32 = 10

const EM_BPF = 247
const ET_REL = 1
const HEADER = 64
const SECTION_HEADER = 64
const SYMBOL = 24
const RELOCATION = 16
const SYMBOL_TYPES = ['none', 'object', 'function', 'section'] as const
const BINDINGS = ['local', 'global', 'weak'] as const

/** Reads an eBPF object file. Throws a FormatError that names the byte for anything else. */
export function parseElf(bytes: Uint8Array): ElfFile {
  const r = new Reader(bytes, 'ELF')
  checkHeader(r)
  const sections = readSections(r)
  const table = sections.find(({ type }) => type === SHT.SYMTAB)
  const symbols = table ? readSymbols(r, table, sections) : []
  const relocations = new Map<number, readonly Relocation[]>()
  for (const section of sections) {
    if (section.type === SHT.REL) relocations.set(section.info, readRelocations(r, section, sections, symbols))
  }
  return { sections, symbols, relocations }
}

function checkHeader(r: Reader): void {
  r.need(0, HEADER)
  if (r.u32(0) !== 0x464c457f) r.fail('this is no ELF file', 0)
  if (r.u8(4) !== 2) r.fail('only 64-bit files are supported', 4)
  if (r.u8(5) !== 1) r.fail('only little-endian files are supported (clang -target bpfel)', 5)
  if (r.u16(16) !== ET_REL) r.fail('this is no object file', 16)
  if (r.u16(18) !== EM_BPF) r.fail(`machine ${r.u16(18)} is not eBPF (clang -target bpf)`, 18)
  if (r.u16(58) !== SECTION_HEADER) r.fail(`section headers of ${r.u16(58)} bytes`, 58)
}

function readSections(r: Reader): Section[] {
  const start = r.u64(40)
  const count = r.u16(60)
  r.need(start, count * SECTION_HEADER)
  const headers = Array.from({ length: count }, (_, index) => readSection(r, start + index * SECTION_HEADER, index))
  const names = headers[r.u16(62)]
  if (!names) r.fail('the section of names is missing', 62)
  return headers.map((header) => ({ ...header, name: sectionName(r, header, names) }))
}

function readSection(r: Reader, at: number, index: number): Section {
  const type = r.u32(at + 4)
  const offset = r.u64(at + 24)
  const size = r.u64(at + 32)
  const bytes = type === SHT.NOBITS || type === 0 ? new Uint8Array() : r.slice(offset, size)
  return {
    index,
    name: '',
    type,
    flags: r.u64(at + 8),
    size,
    bytes,
    link: r.u32(at + 40),
    info: r.u32(at + 44),
    offset: at,
  }
}

/** The header's first word is where its name is in the section of names. */
const sectionName = (r: Reader, header: Section, names: Section): string => {
  return header.index === 0 ? '' : textIn(names, r.u32(header.offset), r.what)
}

const textIn = (section: Section, offset: number, what: string): string =>
  new Reader(section.bytes, `${what} names`).string(offset)

function readSymbols(r: Reader, table: Section, sections: readonly Section[]): ElfSymbol[] {
  const names = sections[table.link]
  if (!names) r.fail('the names of symbols are missing', table.offset)
  const t = new Reader(table.bytes, 'ELF symbols')
  return Array.from({ length: Math.floor(t.length / SYMBOL) }, (_, i) => {
    const at = i * SYMBOL
    const type = SYMBOL_TYPES[t.u8(at + 4) & 15] ?? 'other'
    const index = t.u16(at + 6)
    const own = textIn(names, t.u32(at), r.what)
    return {
      name: type === 'section' ? (sections[index]?.name ?? '') : own,
      value: t.u64(at + 8),
      size: t.u64(at + 16),
      type,
      binding: BINDINGS[t.u8(at + 4) >> 4] ?? 'local',
      hidden: [1, 2].includes(t.u8(at + 5) & 3),
      section: index,
    }
  })
}

function readRelocations(
  r: Reader,
  section: Section,
  sections: readonly Section[],
  symbols: readonly ElfSymbol[],
): Relocation[] {
  if (!sections[section.info]) r.fail(`relocations of section ${section.info}, which is not there`, section.offset)
  const t = new Reader(section.bytes, `ELF ${section.name}`)
  return Array.from({ length: Math.floor(t.length / RELOCATION) }, (_, i) => {
    const at = i * RELOCATION
    const symbol = symbols[t.u32(at + 12)]
    if (!symbol) t.fail(`symbol ${t.u32(at + 12)} is not there`, at + 12)
    return { offset: t.u64(at), type: t.u32(at + 8), symbol }
  })
}
