import type { BtfExt } from '../btf/ext.ts'
import type { Btf } from '../btf/type.ts'
import type { ElfFile } from '../elf/file.ts'
import type { ProgramType } from './program-types.ts'
import type { ObjectSetting } from './settings.ts'

/** A function of an executable section. */
export interface ObjectFunction {
  readonly name: string
  /** Index of its section. */
  readonly section: number
  /** Bytes from the start of the section. */
  readonly offset: number
  /** Instructions of 8 bytes. */
  readonly slots: number
  readonly global: boolean
  readonly hidden: boolean
}

/** An entry point of an object file. */
export interface ObjectProgram {
  readonly name: string
  /** Without a leading `?`. */
  readonly section: string
  /** Whether it is loaded if nobody says anything: false for sections that begin with `?`. */
  readonly autoload: boolean
  /** What the section says; undefined if its user has to say it. */
  readonly type: ProgramType | undefined
  readonly entry: ObjectFunction
}

/** A variable in a data section, so that it can be set before the program is loaded. */
export interface ObjectVariable {
  readonly name: string
  readonly offset: number
  readonly size: number
  /** Type id of what it holds. */
  readonly type: number
}

/** Initial contents of a map that is a section of global variables. */
export interface ObjectData {
  readonly section: number
  /** Shorter than the value where the rest is zero. */
  readonly bytes: Uint8Array
  /** To be frozen once it is filled: constants to the verifier. */
  readonly readOnly: boolean
  readonly variables: readonly ObjectVariable[]
  /** Of `.kconfig`: what the kernel has to be asked for. */
  readonly settings?: readonly ObjectSetting[]
}

/** A map as MAP_CREATE wants it, and what goes into it. */
export interface ObjectMap {
  /** At most 15 characters. */
  readonly name: string
  /** As the program's source calls it. */
  readonly variable: string
  readonly type: number
  readonly keySize: number
  readonly valueSize: number
  readonly maxEntries: number
  readonly flags: number
  readonly numaNode: number | undefined
  readonly extra: bigint
  readonly pinByName: boolean
  /** Type ids; 0 if there is none. */
  readonly keyType: number
  readonly valueType: number
  /** Template of the maps that a map of maps holds. */
  readonly inner: ObjectMap | undefined
  /** What elements hold at first: maps or programs, by their names in the source. */
  readonly slots: readonly { readonly index: number; readonly map?: string; readonly program?: string }[]
  readonly data: ObjectData | undefined
}

/** A whole object file, checked and sorted, its code not linked yet. */
export interface BpfObject {
  /** At most 15 characters; part of the names of data maps. */
  readonly name: string
  readonly license: string
  readonly elf: ElfFile
  /** As the file has it, with sizes and offsets of data sections filled in. */
  readonly btf: Btf | undefined
  readonly ext: BtfExt | undefined
  /** Externs that stand for settings of the running kernel (`__kconfig`): they are in the map at `mapAt` of no section. */
  readonly settings: readonly ObjectSetting[]
  readonly functions: readonly ObjectFunction[]
  readonly programs: readonly ObjectProgram[]
  readonly maps: readonly ObjectMap[]
  /** By offset in `.maps`, and by section of data: index in `maps`. */
  readonly mapAt: ReadonlyMap<string, number>
}

/** Key of `mapAt` (offset 0 for data sections), and of other places in sections. */
export const placeKey = (section: number, offset: number): string => `${section}:${offset}`
/** Key of `mapAt` of the map of settings, which are in no section. */
export const SETTINGS_PLACE = placeKey(0, 0)
