import { suggest } from './suggest.ts'
import { UsageError } from './usage-error.ts'
import type { Value } from './value.ts'
import { file, type KernelName, kernelName, namespaceName, words } from './values.ts'

/** What the options of a command line say. */
export interface Options {
  json: boolean
  pretty: boolean
  details: boolean
  /** How often it was asked for: the second time adds errors by kind. */
  statistics: number
  brief: boolean
  oneline: boolean
  netns: string | undefined
  /** Which family of IP is meant; absent: any. */
  family: 'inet' | 'inet6' | undefined
  /** Absent: what NETKIT_KERNEL says. */
  kernel: KernelName | undefined
  color: 'auto' | 'always' | 'never'
  batch: string | undefined
  force: boolean
  dryRun: boolean
  human: boolean
  iec: boolean
  timestamp: 'none' | 'long' | 'short'
  help: boolean
  version: boolean
}

export const noOptions = (): Options => ({
  json: false,
  pretty: false,
  details: false,
  statistics: 0,
  brief: false,
  oneline: false,
  netns: undefined,
  family: undefined,
  kernel: undefined,
  color: 'auto',
  batch: undefined,
  force: false,
  dryRun: false,
  human: false,
  iec: false,
  timestamp: 'none',
  help: false,
  version: false,
})

interface Option {
  readonly name: string
  /** The fewest first letters that mean it. */
  readonly least: string
  readonly doc: string
  /** A value that must follow. */
  readonly value?: Value<string>
  /** Another name of an option: not listed. */
  readonly alias?: true
  /** A value that may stand behind `=`. */
  readonly inline?: Value<string>
  set(options: Options, value: string): void
}

const FAMILY = words(['inet', 'inet6'])
const COLOR = words(['auto', 'always', 'never'])

/** The options, in iproute2's spellings: any first letters from `least` on will do, with one dash or two. */
export const OPTIONS: readonly Option[] = [
  { name: 'json', least: 'j', doc: 'print JSON', set: (o) => (o.json = true) },
  { name: 'pretty', least: 'p', doc: 'indent JSON', set: (o) => (o.pretty = true) },
  { name: 'details', least: 'd', doc: 'print more', set: (o) => (o.details = true) },
  { name: 'statistics', least: 's', doc: 'print counters; twice: errors by kind too', set: (o) => (o.statistics += 1) },
  { name: 'stats', least: 'st', alias: true, doc: 'the same', set: (o) => (o.statistics += 1) },
  { name: 'brief', least: 'br', doc: 'one short line a device', set: (o) => (o.brief = true) },
  { name: 'oneline', least: 'o', doc: 'one line a record, with \\ for each break', set: (o) => (o.oneline = true) },
  {
    name: 'netns',
    least: 'n',
    doc: 'act in this namespace',
    value: namespaceName('NS'),
    set: (o, value) => (o.netns = value),
  },
  { name: '4', least: '4', doc: 'only IPv4', set: (o) => (o.family = 'inet') },
  { name: '6', least: '6', doc: 'only IPv6', set: (o) => (o.family = 'inet6') },
  {
    name: 'family',
    least: 'fam',
    alias: true,
    doc: 'the same: inet or inet6',
    value: FAMILY,
    set: (o, value) => (o.family = value as Options['family']),
  },
  {
    name: 'kernel',
    least: 'k',
    doc: "which kernel: the embedded one (default) or the machine's Linux; NETKIT_KERNEL chooses too",
    value: kernelName,
    set: (o, value) => (o.kernel = value as KernelName),
  },
  {
    name: 'color',
    least: 'c',
    doc: 'colours: auto (on a terminal), always or never; without a value: auto',
    inline: COLOR,
    set: (o, value) => (o.color = (value || 'auto') as Options['color']),
  },
  {
    name: 'batch',
    least: 'b',
    doc: 'run the lines of a file, - is the input',
    value: file(),
    set: (o, v) => (o.batch = v),
  },
  {
    name: 'dry-run',
    least: 'dr',
    doc: 'print what would change something, decoded and as bytes, and do not send it',
    set: (o) => (o.dryRun = true),
  },
  { name: 'force', least: 'f', doc: 'with -batch: go on after a failure', set: (o) => (o.force = true) },
  { name: 'human-readable', least: 'h', doc: 'counters with K, M, G', set: (o) => (o.human = true) },
  { name: 'iec', least: 'i', doc: 'the same with Ki, Mi, Gi', set: (o) => (o.human = o.iec = true) },
  { name: 'timestamp', least: 't', doc: 'monitor: print when, as a date', set: (o) => (o.timestamp = 'long') },
  { name: 'tshort', least: 'ts', doc: 'monitor: print when, in short', set: (o) => (o.timestamp = 'short') },
  { name: 'help', least: 'he', doc: 'print help', set: (o) => (o.help = true) },
  { name: 'Version', least: 'V', doc: 'print the version', set: (o) => (o.version = true) },
  { name: 'version', least: 'v', alias: true, doc: 'the same', set: (o) => (o.version = true) },
]

const named = (word: string): Option | undefined => {
  const name = word.replace(/^--?/, '').replace(/=.*$/s, '')
  return (
    OPTIONS.find((o) => o.name === name) ?? OPTIONS.find((o) => o.name.startsWith(name) && name.startsWith(o.least))
  )
}

/** Reads options word by word. */
export class OptionReader {
  readonly options: Options
  #pending: Option | undefined

  /** `base`: what holds unless the line says otherwise. */
  constructor(base: Options = noOptions()) {
    this.options = { ...base }
  }

  /** The value that the last option waits for. */
  get pending(): Value<string> | undefined {
    return this.#pending?.value
  }

  /** Whether the word was an option or the value of one. Throws UsageError where the value is not allowed. */
  take(word: string): boolean {
    if (this.#pending) {
      const option = this.#pending
      this.#pending = undefined
      option.set(this.options, read(option, option.value!, word))
      return true
    }
    if (!/^--?[A-Za-z46]/.test(word)) return false
    const option = named(word)
    if (!option) return false
    const at = word.indexOf('=')
    if (at < 0) {
      if (option.value) this.#pending = option
      else option.set(this.options, '')
      return true
    }
    const value = option.inline ?? option.value
    if (!value) throw new UsageError(`option -${option.name} takes no value, '${word.slice(at + 1)}' is given`)
    option.set(this.options, read(option, value, word.slice(at + 1)))
    return true
  }

  finish(): Options {
    if (this.#pending)
      throw new UsageError(`option -${this.#pending.name} needs a value: ${this.#pending.value!.allowed}`)
    return this.options
  }
}

const read = (option: Option, value: Value<string>, word: string): string => {
  const parsed = value.parse(word)
  if (parsed === undefined) throw new UsageError(`option -${option.name}: '${word}' is not ${value.allowed}`)
  return parsed
}

/** The refusal of a word that looks like an option and is none. */
export const unknownOption = (word: string): UsageError => {
  const name = suggest(
    word.replace(/^-+/, ''),
    OPTIONS.map((o) => o.name),
  )
  return new UsageError(`option '${word}' is unknown`, { suggestion: name && `-${name}` })
}
