import { bareType } from '../btf/resolve.ts'
import type { Btf, SectionEntry } from '../btf/type.ts'
import type { ElfFile, Relocation, Section } from '../elf/file.ts'
import { dataMap, isDataSection, settingsMap } from './data-maps.ts'
import { ObjectError } from './error.ts'
import { mapDefinition, valuesOffset } from './map-definition.ts'
import { type BpfObject, type ObjectMap, placeKey, SETTINGS_PLACE } from './object.ts'

const MAPS = '.maps'

/** Sections that stand for things we do not have, by name; why. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [
    /^maps$/,
    'legacy map definitions (SEC("maps")) are not supported, by libbpf neither: define maps in SEC(".maps") with their BTF',
  ],
  [/^\.percpu/, 'per-CPU global variables are not supported'],
  [/^\.addr_space\.1$/, 'global variables in an arena are not supported'],
  [/^\.struct_ops/, 'struct_ops are not supported'],
  [/^\.jumptables$/, 'jump tables are not supported: compile with -fno-jump-tables'],
]

/** All maps of an object file: those of `.maps`, then one for each section of global variables. */
export function readMaps({ elf, btf, settings, name }: Pick<BpfObject, 'elf' | 'btf' | 'settings' | 'name'>): {
  maps: ObjectMap[]
  mapAt: Map<string, number>
} {
  const maps: ObjectMap[] = []
  const mapAt = new Map<string, number>()
  for (const section of elf.sections) {
    refuse(section)
    if (section.name === MAPS) {
      for (const { map, offset } of definedMaps(elf, section, btf)) {
        mapAt.set(placeKey(section.index, offset), maps.length)
        maps.push(map)
      }
    }
  }
  for (const section of elf.sections.filter(isDataSection)) {
    mapAt.set(placeKey(section.index, 0), maps.length)
    maps.push(dataMap(section, name, btf))
  }
  if (btf && settings.length > 0) {
    mapAt.set(SETTINGS_PLACE, maps.length)
    maps.push(settingsMap(settings, name, btf))
  }
  return { maps, mapAt }
}

function refuse({ name, size }: Section): void {
  const row = REFUSED.find(([pattern]) => pattern.test(name))
  if (row && size > 0) throw new ObjectError('ENOTSUP', row[1], name)
}

function definedMaps(elf: ElfFile, section: Section, btf: Btf | undefined): { map: ObjectMap; offset: number }[] {
  const type = btf?.types.find((type) => type.kind === 'datasec' && type.name === MAPS)
  if (!btf || type?.kind !== 'datasec')
    throw new ObjectError('EINVAL', 'the types of the maps are missing: compile with -g', MAPS)
  return type.entries.map((entry) => {
    const variable = btf.types[entry.type]
    if (variable.kind !== 'var') throw new ObjectError('EINVAL', `type ${entry.type} is no variable`, MAPS)
    if (entry.offset + entry.size > section.size)
      throw new ObjectError('EINVAL', `map ${variable.name} ends behind the section`, MAPS)
    const map = mapDefinition(btf, variable.name, variable.type)
    return { map: { ...map, slots: slotsOf(elf, section, btf, entry, variable.type) }, offset: entry.offset }
  })
}

/** What the elements of a map of maps or of a prog array hold at first: relocations inside the map's variable. */
function slotsOf(elf: ElfFile, section: Section, btf: Btf, entry: SectionEntry, type: number): ObjectMap['slots'] {
  const struct = bareType(btf, type)
  const start = struct.kind === 'struct' ? valuesOffset(struct) : undefined
  const inside = (elf.relocations.get(section.index) ?? []).filter(
    ({ offset }) => offset >= entry.offset && offset < entry.offset + entry.size,
  )
  return inside.map((relocation) => {
    const index = start === undefined ? -1 : (relocation.offset - entry.offset - start) / 8
    if (index < 0 || !Number.isInteger(index))
      throw new ObjectError('EINVAL', 'a reference outside values', `${MAPS}+${relocation.offset}`)
    return { index, ...target(elf, section, relocation) }
  })
}

function target(elf: ElfFile, section: Section, { symbol, offset }: Relocation): { map?: string; program?: string } {
  if (symbol.type === 'function') return { program: symbol.name }
  if (symbol.section === section.index && symbol.type === 'object') return { map: symbol.name }
  const { name } = elf.sections[symbol.section] ?? { name: '?' }
  throw new ObjectError(
    'EINVAL',
    `values refer to ${symbol.name} of ${name}, which is neither map nor program`,
    `${MAPS}+${offset}`,
  )
}
