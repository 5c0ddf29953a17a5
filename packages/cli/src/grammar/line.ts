import { type Command, type Entry, find, isGroup, needsWords } from './command.ts'
import { type OptionReader, unknownOption } from './options.ts'
import { Reader } from './reader.ts'
import { suggest } from './suggest.ts'
import { UsageError } from './usage-error.ts'

/** A command line that was understood. */
export interface Line<S> {
  readonly command: Command<S>
  /** `link add`: as the command is called in full. */
  readonly path: string
  readonly reader: Reader
}

const names = (entries: readonly { readonly name: string; readonly aliases?: readonly string[] }[]): string[] =>
  entries.flatMap((e) => [e.name, ...(e.aliases ?? [])])

/**
 * Follows a command line to the command that it names and feeds that command's reader with the rest. Undefined if the line
 * names none (only options, or nothing). `help` anywhere among the words asks for help, as in `ip`.
 */
export function readLine<S>(
  entries: readonly Entry<S>[],
  argv: readonly string[],
  options: OptionReader,
): Line<S> | undefined {
  let at = skipOptions(argv, 0, options)
  if (at >= argv.length) return undefined
  const entry = find(entries, argv[at])
  if (!entry) throw new UsageError(`'${argv[at]}' is not a command`, suggest(argv[at], names(entries)))
  at += 1
  let command: Command<S>
  let path = entry.name
  if (isGroup(entry)) {
    at = skipOptions(argv, at, options)
    const word = argv[at]
    const more = argv.slice(at + 1).some((w) => !w.startsWith('-'))
    if (word === undefined) {
      const otherwise = entry.commands.find((c) => c.name === entry.otherwise)
      if (!otherwise)
        throw new UsageError(`'${entry.name}' needs a command: ${entry.commands.map((c) => c.name).join(', ')}`)
      command = otherwise
    } else {
      if (word.startsWith('-')) throw unknownOption(word)
      const found = find(entry.commands, word, (c) => more || !needsWords(c.words))
      if (!found) {
        throw new UsageError(
          `'${word}' is not a command of '${entry.name}'; there are ${entry.commands.map((c) => c.name).join(', ')}`,
          suggest(word, names(entry.commands)),
        )
      }
      command = found
      at += 1
    }
    path = `${entry.name} ${command.name}`
  } else command = entry
  const reader = new Reader(command.words, options)
  for (; at < argv.length; at++) reader.feed(argv[at])
  return { command, path, reader }
}

function skipOptions(argv: readonly string[], from: number, options: OptionReader): number {
  let at = from
  while (at < argv.length && options.take(argv[at])) at += 1
  if (argv[at]?.startsWith('-')) throw unknownOption(argv[at])
  return at
}
