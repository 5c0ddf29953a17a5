import type { Btf } from '../btf/type.ts'
import type { Section } from '../elf/file.ts'
import { MAP_FLAG, MAP_TYPE } from '../syscall/numbers.ts'
import { emptyMap } from './map-definition.ts'
import type { ObjectMap, ObjectVariable } from './object.ts'
import { type ObjectSetting, SETTINGS_SECTION, settingsBytes } from './settings.ts'

/** Characters of a map's name. */
const NAME_LENGTH = 15
const PREFIX_LENGTH = 8
const DATA_SECTION = /^\.(data|rodata|bss)(\..*)?$/

/** Whether a section holds global variables. */
export const isDataSection = ({ name, size }: Section): boolean => size > 0 && DATA_SECTION.test(name)

/** The array map with one element that a section of global variables becomes. `btf` has its data sections completed. */
export function dataMap(section: Section, object: string, btf: Btf | undefined): ObjectMap {
  const type = btf?.types.findIndex((type) => type.kind === 'datasec' && type.name === section.name) ?? -1
  const readOnly = section.name.startsWith('.rodata')
  const shared = type >= 0 && hasGlobal(btf!, type)
  return {
    ...emptyMap(section.name),
    name: dataMapName(object, section.name),
    type: MAP_TYPE.array,
    keySize: 4,
    valueSize: section.size,
    maxEntries: 1,
    flags: (readOnly ? MAP_FLAG.rdonlyProg : 0) | (shared ? MAP_FLAG.mmapable : 0),
    valueType: Math.max(type, 0),
    data: {
      section: section.index,
      bytes: section.bytes,
      readOnly,
      variables: type < 0 ? [] : variablesOf(btf!, type),
    },
  }
}

/** The array map with one element that the settings of the kernel become. */
export function settingsMap(settings: readonly ObjectSetting[], object: string, btf: Btf): ObjectMap {
  const type = btf.types.findIndex((one) => one.kind === 'datasec' && one.name === SETTINGS_SECTION)
  const size = settingsBytes(settings)
  return {
    ...emptyMap(SETTINGS_SECTION),
    name: dataMapName(object, SETTINGS_SECTION),
    type: MAP_TYPE.array,
    keySize: 4,
    valueSize: size,
    maxEntries: 1,
    flags: MAP_FLAG.rdonlyProg | MAP_FLAG.mmapable,
    valueType: Math.max(type, 0),
    data: { section: 0, bytes: new Uint8Array(size), readOnly: true, variables: [], settings },
  }
}

/** `prog.rodata`: at most 8 characters of the object's name before those of ordinary sections. */
function dataMapName(object: string, section: string): string {
  const isOwn = section.indexOf('.', 1) > 0
  const name = isOwn ? section : object.slice(0, PREFIX_LENGTH) + section
  return name.slice(0, NAME_LENGTH).replace(/[^\w.]/g, '_')
}

function hasGlobal(btf: Btf, datasec: number): boolean {
  const type = btf.types[datasec]
  if (type.kind !== 'datasec') return false
  return type.entries.some((entry) => {
    const variable = btf.types[entry.type]
    return variable.kind === 'var' && variable.linkage !== 'static'
  })
}

function variablesOf(btf: Btf, datasec: number): ObjectVariable[] {
  const type = btf.types[datasec]
  if (type.kind !== 'datasec') return []
  return type.entries.flatMap(({ type: id, offset, size }) => {
    const variable = btf.types[id]
    return variable.kind === 'var' ? [{ name: variable.name, offset, size, type: variable.type }] : []
  })
}
