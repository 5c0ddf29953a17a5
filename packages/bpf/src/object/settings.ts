import { bareType, sizeOf, skipModifiers } from '../btf/resolve.ts'
import type { Btf, BtfType, SectionEntry } from '../btf/type.ts'
import type { ElfFile } from '../elf/file.ts'
import { ObjectError } from './error.ts'

export const SETTINGS_SECTION = '.kconfig'

/** An extern that stands for a setting of the running kernel (`__kconfig`), and its place in the section's map. */
export interface ObjectSetting {
  readonly name: string
  /** May be missing: it is zero then. */
  readonly weak: boolean
  readonly offset: number
  readonly size: number
  /** Type id of what it holds. */
  readonly type: number
  /** Id of the variable itself. */
  readonly variable: number
}

/** The externs of `.kconfig` in the order in which libbpf lays them out: by alignment, largest first, then by name. */
export function settingsOf(btf: Btf | undefined, elf: ElfFile): readonly ObjectSetting[] {
  const section = btf?.types.find((type) => type.kind === 'datasec' && type.name === SETTINGS_SECTION)
  if (!btf || section?.kind !== 'datasec') return []
  const weak = new Set(elf.symbols.filter(({ binding }) => binding === 'weak').map(({ name }) => name))
  let end = 0
  return section.entries
    .map(({ type }) => settingOf(btf, type))
    .sort((a, b) => b.align - a.align || compare(a.name, b.name))
    .map(({ align, ...setting }) => {
      const offset = Math.ceil(end / align) * align
      end = offset + setting.size
      return { ...setting, offset, weak: weak.has(setting.name) }
    })
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function settingOf(btf: Btf, variable: number) {
  const found = btf.types[variable]
  if (found.kind !== 'var') throw new ObjectError('EINVAL', `type ${variable} is no variable`, SETTINGS_SECTION)
  const { name, type } = found
  return { name, type, variable, size: sizeOf(btf, type), align: alignmentOf(bareType(btf, type)) }
}

/** Settings are scalars and text. */
const alignmentOf = (type: BtfType): number =>
  type.kind === 'int' || type.kind === 'enum' || type.kind === 'enum64' ? type.size : 1

/** Bytes of the section. */
export const settingsBytes = (settings: readonly ObjectSetting[]): number =>
  settings.reduce((end, { offset, size }) => Math.max(end, offset + size), 0)

/** The entries of the section's type. */
export const settingEntries = (settings: readonly ObjectSetting[]): SectionEntry[] =>
  settings.map(({ variable, offset, size }) => ({ type: variable, offset, size }))

/** What a kernel says of its settings. */
export interface KernelSettings {
  /** As `7.3` or `6.18.4-arch1`. */
  readonly release: string
  /** Of `CONFIG_NAME`: `y`, `m`, `n`, a number, or text in double quotes; undefined: not set. */
  value(name: string): string | undefined
}

/** The contents of the section's map. Throws an ObjectError for a setting that is missing or does not fit its type. */
export function settingContents(btf: Btf, settings: readonly ObjectSetting[], kernel: KernelSettings): Uint8Array {
  const bytes = new Uint8Array(settingsBytes(settings))
  for (const setting of settings) {
    const value = OWN[setting.name]?.(kernel.release) ?? kernel.value(setting.name)
    if (value !== undefined) bytes.set(encodeSetting(btf, setting, value), setting.offset)
    else if (!setting.weak) throw refused('ESRCH', setting, 'the kernel does not have it')
  }
  return bytes
}

/** What libbpf knows by itself. */
const OWN: Readonly<Record<string, (release: string) => string>> = {
  LINUX_KERNEL_VERSION: (release) => String(versionCode(release)),
  LINUX_HAS_BPF_COOKIE: () => 'y',
  LINUX_HAS_SYSCALL_WRAPPER: () => 'y',
}

/** As KERNEL_VERSION() counts: a byte for the last part, which is 255 at most. */
function versionCode(release: string): number {
  const [major = 0, minor = 0, patch = 0] = (/^\d+(?:\.\d+){0,2}/.exec(release)?.[0] ?? '').split('.').map(Number)
  return (major << 16) | (minor << 8) | Math.min(patch, 255)
}

const refused = (code: 'ESRCH' | 'EINVAL' | 'ERANGE', { name }: ObjectSetting, text: string): ObjectError =>
  new ObjectError(code, text, `extern ${name}`)

const STATES = ['n', 'y', 'm']
const NUMBER = /^-?(?:0x[\da-f]+|\d+)$/i

function encodeSetting(btf: Btf, setting: ObjectSetting, value: string): Uint8Array {
  const type = btf.types[skipModifiers(btf, setting.type)]
  if (value.startsWith('"')) return encodeText(type, setting, value)
  const state = STATES.indexOf(value)
  if (state >= 0 && (type.kind === 'int' || type.kind === 'enum')) return encodeState(type, setting, value, state)
  if (!NUMBER.test(value) || type.kind !== 'int' || type.name === 'char' || type.encoding > 1)
    throw refused('EINVAL', setting, `${value} does not fit its type`)
  const number = value.startsWith('-') ? -BigInt(value.slice(1)) : BigInt(value)
  const bits = setting.size * 8
  const fits = (type.encoding === 1 ? BigInt.asIntN(bits, number) : BigInt.asUintN(bits, number)) === number
  if (!fits) throw refused('ERANGE', setting, `${value} does not fit into ${setting.size} bytes`)
  return littleEndian(number, setting.size)
}

const BOOL = 4

/** Yes, no or module: as a character, a truth, an `enum libbpf_tristate`; of numbers only those that libbpf sets itself. */
function encodeState(type: BtfType, setting: ObjectSetting, value: string, state: number): Uint8Array {
  if (type.kind === 'enum') return littleEndian(BigInt(state), setting.size)
  if (type.kind === 'int' && type.encoding === BOOL && value !== 'm') return littleEndian(BigInt(state), setting.size)
  if (type.kind === 'int' && type.size === 1 && type.encoding !== BOOL) return new TextEncoder().encode(value)
  if (type.kind === 'int' && setting.name in OWN) return littleEndian(BigInt(state), setting.size)
  throw refused('EINVAL', setting, `${value} does not fit its type`)
}

/** Text, cut off to leave room for its end. */
function encodeText(type: BtfType, setting: ObjectSetting, value: string): Uint8Array {
  if (type.kind !== 'array') throw refused('EINVAL', setting, `${value} does not fit its type`)
  return new TextEncoder().encode(value.slice(1, -1)).subarray(0, setting.size - 1)
}

const littleEndian = (value: bigint, size: number): Uint8Array =>
  new Uint8Array(BigUint64Array.of(BigInt.asUintN(64, value)).buffer).subarray(0, size)
