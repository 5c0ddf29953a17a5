import { type Entry, find, isGroup } from './command.ts'
import { readLine } from './line.ts'
import { OPTIONS, OptionReader, type Options } from './options.ts'
import type { Source } from './value.ts'
import { spellings, type Words } from './words.ts'

/** A word that may be meant, with what it does. */
export interface Candidate {
  readonly word: string
  readonly doc?: string
}

/** What may stand at the place of the last word: known words, and things that only the kernel or the file system knows. */
export interface Completion {
  readonly candidates: readonly Candidate[]
  readonly sources: readonly Exclude<Source, readonly string[]>[]
  /** The kernel and the namespace that the line acts in, so that devices are looked for there. */
  readonly place: Pick<Options, 'kernel' | 'netns'>
}

const NOTHING: Completion = { candidates: [], sources: [], place: { kernel: undefined, netns: undefined } }

/** `words`: the command line up to the cursor, without the program's name; the last one is being written and may be empty. */
export function complete<S>(entries: readonly Entry<S>[], words: readonly string[]): Completion {
  const typed = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const options = new OptionReader()
  try {
    const found = expected(entries, before, typed, options)
    const candidates = found.candidates.filter((c) => c.word.startsWith(typed))
    const { kernel, netns } = options.options
    return { candidates, sources: found.sources, place: { kernel, netns } }
  } catch {
    return NOTHING
  }
}

const optionCandidates = (): Candidate[] => OPTIONS.map((o) => ({ word: `-${o.name}`, doc: o.doc }))

const commands = (
  list: readonly { readonly name: string; readonly summary: string; readonly hidden?: true }[],
): Candidate[] => [
  ...list.filter((e) => !e.hidden).map((e) => ({ word: e.name, doc: e.summary })),
  { word: 'help', doc: 'say more' },
]

function expected<S>(
  entries: readonly Entry<S>[],
  before: readonly string[],
  typed: string,
  options: OptionReader,
): Completion {
  const words = [...before]
  while (words.length > 0 && options.take(words[0])) words.shift()
  if (options.pending) return ofSource(options.pending.source)
  if (typed.startsWith('-'))
    return { ...NOTHING, candidates: [...optionCandidates(), ...localOptions(entries, words, options)] }
  if (words.length === 0) return { ...NOTHING, candidates: commands(entries) }
  const entry = find(entries, words[0])
  if (words[0] === 'help') return { ...NOTHING, candidates: helpCandidates(entries, words.slice(1)) }
  if (!entry) return NOTHING
  if (isGroup(entry) && words.length === 1) return { ...NOTHING, candidates: commands(entry.commands) }
  return inCommand(entries, words, options)
}

function helpCandidates<S>(entries: readonly Entry<S>[], words: readonly string[]): Candidate[] {
  if (words.length === 0) return commands(entries)
  const entry = find(entries, words[0])
  return entry && isGroup(entry) && words.length === 1 ? commands(entry.commands) : []
}

function inCommand<S>(entries: readonly Entry<S>[], words: readonly string[], options: OptionReader): Completion {
  const line = readLine(entries, words, options)
  if (!line?.reader) return NOTHING
  const { value, positional, words: open } = line.reader.expects()
  if (value) return ofSource(value.source)
  const first = positional ? ofSource(positional.source) : NOTHING
  const candidates = open
    .filter(([name]) => !name.startsWith('-'))
    .flatMap(([name, word]) => ({ word: name, doc: word.doc }))
  return { ...first, candidates: [...first.candidates, ...candidates] }
}

function localOptions<S>(entries: readonly Entry<S>[], words: readonly string[], options: OptionReader): Candidate[] {
  if (words.length === 0) return []
  const line = readLine(entries, words, options)
  const own: Words = line?.command?.words ?? {}
  return [...spellings(own)]
    .filter(([spelling]) => spelling.startsWith('-'))
    .map(([word, name]) => ({ word, doc: own[name].doc }))
}

const ofSource = (source: Source | undefined): Completion =>
  source === undefined
    ? NOTHING
    : typeof source === 'string'
      ? { ...NOTHING, sources: [source] }
      : { ...NOTHING, candidates: source.map((word) => ({ word })) }
