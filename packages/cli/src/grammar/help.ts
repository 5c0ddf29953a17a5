import { type Command, type Entry, type Group, isGroup } from './command.ts'
import { OPTIONS } from './options.ts'
import { synopsis, visible, wordTerm } from './synopsis.ts'
import type { Words } from './words.ts'
import { definitions, fill, wrap } from './wrap.ts'

/** Entries under a title. */
export interface Topic<S> {
  readonly title: string
  readonly entries: readonly Entry<S>[]
}

export interface HelpLook {
  readonly width: number
  strong(text: string): string
}

const shown = <S>(group: Group<S>): readonly Command<S>[] => group.commands.filter((c) => !c.hidden)

/** What `netkit help` says. */
export function overview<S>(topics: readonly Topic<S>[], { width, strong }: HelpLook): string {
  const list = topics.map(({ title, entries }) => {
    const rows = entries
      .filter((e) => isGroup(e) || !e.hidden)
      .map((e): [string, string] => [
        e.name,
        isGroup(e)
          ? `${e.summary}: ${shown(e)
              .map((c) => c.name)
              .join(', ')}`
          : e.summary,
      ])
    return `${strong(title)}\n${definitions(rows, width)}`
  })
  const usage = 'Usage: netkit [ OPTIONS ] OBJECT { COMMAND | help }\n       netkit [ -force ] -batch FILE\n'
  const last = 'netkit help OBJECT [ COMMAND ] says more. The first letters of an object or a command will do.\n'
  return `${usage}\n${list.join('\n')}\n${strong('Options')}\n${definitions(optionRows(), width)}\n${fill(last.split(' '), width, 0)}`
}

export const optionRows = (): [string, string][] =>
  OPTIONS.filter((o) => !o.alias).map((o) => {
    const value = o.value ? ` ${o.value.name}` : o.inline ? `[=${o.inline.choices!.join('|')}]` : ''
    return [`-${o.least === o.name ? o.name : `${o.least}, -${o.name}`}${value}`, o.doc]
  })

/** What `netkit help link` says. */
export function groupHelp<S>(group: Group<S>, { width, strong }: HelpLook): string {
  const usages = shown(group).map((c) => fill(synopsis(`${group.name} ${c.name}`, c), width, 6))
  const rows = shown(group).map((c): [string, string] => [[c.name, ...(c.aliases ?? [])].join(', '), c.summary])
  const otherwise = group.otherwise
    ? `\nnetkit ${group.name} alone means netkit ${group.name} ${group.otherwise}.\n`
    : ''
  return `netkit ${group.name}: ${group.summary}\n\n${usages.join('\n')}\n\n${strong('Commands')}\n${definitions(rows, width)}${otherwise}`
}

const wordRows = (words: Words): [string, string][] =>
  visible(words).map(([name, word]) => [wordTerm(name, word), word.doc])

/** What `netkit help link add` says. */
export function commandHelp<S>(path: string, command: Command<S>, { width, strong }: HelpLook): string {
  const title = wrap(`netkit ${path}: ${command.summary}`, width).join('\n')
  const parts = [`${title}\n`, `${fill(synopsis(path, command), width, 6)}\n`]
  const rows = wordRows(command.words)
  if (rows.length > 0) parts.push(`${strong('Words')}\n${definitions(rows, width)}`)
  for (const [title, words] of Object.entries(command.sections ?? {})) {
    parts.push(`${strong(title)}\n${definitions(wordRows(words), width)}`)
  }
  for (const note of command.notes ?? []) parts.push(`${wrap(note, width).join('\n')}\n`)
  if (command.examples) {
    const lines = command.examples.map(
      ([line, does]) =>
        `  netkit ${line}\n${wrap(does, width - 6)
          .map((l) => `      ${l}\n`)
          .join('')}`,
    )
    parts.push(`${strong('Examples')}\n${lines.join('')}`)
  }
  return parts.join('\n')
}
