import { parseBtfExt } from '../btf/ext.ts'
import { parseBtf } from '../btf/parse.ts'
import { parseElf } from '../elf/file.ts'
import { completeBtf } from './complete-btf.ts'
import { readFunctions, readPrograms } from './functions.ts'
import { readMaps } from './maps.ts'
import type { BpfObject } from './object.ts'
import { settingsOf } from './settings.ts'

const NAME_LENGTH = 15

/**
 * Reads an eBPF object file as clang and `bpftool gen object` make them.
 *
 * @param file name of the file; without folder and what follows the first dot it names the object, as libbpf does it.
 * Throws a FormatError for damaged files and an ObjectError for what is not supported, or contradicts itself.
 */
export function openObject(bytes: Uint8Array, file = 'object'): BpfObject {
  const elf = parseElf(bytes)
  const section = (name: string): Uint8Array | undefined => elf.sections.find((one) => one.name === name)?.bytes
  const functions = readFunctions(elf)
  const rawBtf = section('.BTF')
  const rawExt = section('.BTF.ext')
  const types = rawBtf && parseBtf(rawBtf)
  const settings = settingsOf(types, elf)
  const btf = types && completeBtf(types, elf, functions, settings)
  const name = objectName(file)
  return {
    name,
    license: licenseOf(section('license')),
    elf,
    btf,
    ext: rawBtf && rawExt && parseBtfExt(rawExt, rawBtf),
    settings,
    functions,
    programs: readPrograms(elf, functions),
    ...readMaps({ elf, btf, settings, name }),
  }
}

function objectName(file: string): string {
  const base = file.split('/').at(-1)!.split('.')[0]
  return base.slice(0, NAME_LENGTH)
}

const licenseOf = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes).split('\0')[0]
