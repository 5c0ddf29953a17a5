import { type ElfFile, type ElfSymbol, type Section, SHF_EXECINSTR } from '../elf/file.ts'
import { ObjectError } from './error.ts'
import type { ObjectFunction, ObjectProgram } from './object.ts'
import { programType } from './program-types.ts'

/** Subprograms that no program begins at. */
const TEXT = '.text'

const isCode = (section: Section | undefined): section is Section =>
  section !== undefined && (section.flags & SHF_EXECINSTR) !== 0

/** The functions of all executable sections, in the order of symbols. */
export function readFunctions(elf: ElfFile): ObjectFunction[] {
  return elf.symbols.flatMap((symbol) => {
    const section = elf.sections[symbol.section]
    return symbol.type === 'function' && isCode(section) ? [toFunction(symbol, section)] : []
  })
}

function toFunction(symbol: ElfSymbol, section: Section): ObjectFunction {
  const { name, value, size, hidden } = symbol
  const where = `${section.name}+${value}`
  if (value % 8 !== 0 || size % 8 !== 0 || size === 0)
    throw new ObjectError('EINVAL', `function ${name} has ${size} bytes`, where)
  if (value + size > section.bytes.length)
    throw new ObjectError('EINVAL', `function ${name} ends behind its section`, where)
  const global = symbol.binding !== 'local'
  if (!global && section.name !== TEXT) throw new ObjectError('ENOTSUP', `static function ${name} outside .text`, where)
  return { name, section: section.index, offset: value, slots: size / 8, global, hidden }
}

/** Every global function of an executable section other than `.text` is a program. */
export function readPrograms(elf: ElfFile, functions: readonly ObjectFunction[]): ObjectProgram[] {
  return functions.flatMap((entry) => {
    const { name } = elf.sections[entry.section]
    if (name === TEXT) return []
    const autoload = !name.startsWith('?')
    const section = autoload ? name : name.slice(1)
    return [{ name: entry.name, section, autoload, type: programType(section), entry }]
  })
}
