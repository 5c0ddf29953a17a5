import { type Command, type Entry, find, isGroup, needsWords } from './command.ts'
import { type OptionReader, unknownOption } from './options.ts'
import { Reader } from './reader.ts'
import { suggest } from './suggest.ts'
import { UsageError } from './usage-error.ts'

/** A command line that names a command. */
export interface Line<S> {
  /** Object and command, in full. */
  readonly about: readonly string[]
  readonly command: Command<S>
  readonly reader: Reader
}

/** A command line that asks for help about something. */
export interface HelpLine {
  readonly about: readonly string[]
  readonly command?: undefined
  readonly reader?: undefined
}

const HELP = 'help'

export const isHelp = <S>(line: Line<S> | HelpLine): line is HelpLine => line.command === undefined

type Named = { readonly name: string; readonly aliases?: readonly string[] }

const names = (entries: readonly Named[]): string[] => entries.flatMap((e) => [e.name, ...(e.aliases ?? [])])

/**
 * Follows a command line to the command that it names and feeds that command's reader with the rest. Undefined if the line
 * names none (only options, or nothing). `help`, in front or behind, asks for help. `onPath` is told what was understood
 * so far, for messages.
 */
export function readLine<S>(
  entries: readonly Entry<S>[],
  argv: readonly string[],
  options: OptionReader,
  onPath: (path: string) => void = () => undefined,
): Line<S> | HelpLine | undefined {
  let at = skipOptions(argv, 0, options)
  if (at >= argv.length) return undefined
  const helpFirst = argv[at] === HELP
  if (helpFirst) at = skipOptions(argv, at + 1, options)
  if (at >= argv.length) return { about: [] }
  const entry = entryAt(entries, argv[at++])
  onPath(entry.name)
  const about = [entry.name]
  let command: Command<S>
  if (isGroup(entry)) {
    at = skipOptions(argv, at, options)
    const word = argv[at]
    if (word === HELP || (helpFirst && word === undefined)) return { about }
    const found = commandAt(entry, argv, at)
    if (word !== undefined) at += 1
    command = found
    about.push(command.name)
    onPath(about.join(' '))
  } else command = entry
  if (helpFirst || (argv[at] === HELP && at === argv.length - 1)) return { about }
  const reader = new Reader(command.words, options)
  for (; at < argv.length; at++) reader.feed(argv[at])
  return { about, command, reader }
}

function entryAt<S>(entries: readonly Entry<S>[], word: string): Entry<S> {
  const entry = find(entries, word)
  if (!entry)
    throw new UsageError(`'${word}' is not an object or a command`, { suggestion: suggest(word, names(entries)) })
  return entry
}

function commandAt<S>(
  group: Extract<Entry<S>, { commands: unknown }>,
  argv: readonly string[],
  at: number,
): Command<S> {
  const { commands, otherwise, name } = group
  const list = commands
    .filter((c) => !c.hidden)
    .map((c) => c.name)
    .join(', ')
  const word = argv[at]
  if (word === undefined) {
    const usual = commands.find((c) => c.name === otherwise)
    if (!usual) throw new UsageError(`'${name}' needs a command: ${list}`)
    return usual
  }
  const more = argv.slice(at + 1).some((w) => !w.startsWith('-'))
  const found = find(commands, word, (c) => more || !needsWords(c.words))
  if (!found) {
    throw new UsageError(`'${word}' is not a command of '${name}'; there are ${list}`, {
      suggestion: suggest(word, names(commands)),
    })
  }
  return found
}

/** Options in front of a command. Behind it they are read word by word: it may have some of its own. */
function skipOptions(argv: readonly string[], from: number, options: OptionReader): number {
  let at = from
  while (at < argv.length && options.take(argv[at])) at += 1
  if (argv[at]?.startsWith('-')) throw unknownOption(argv[at])
  return at
}
