import { type Command, isGroup } from '../grammar/command.ts'
import { optionRows, type Topic } from '../grammar/help.ts'
import { synopsis, visible, wordTerm } from '../grammar/synopsis.ts'
import type { Words } from '../grammar/words.ts'
import { fill } from '../grammar/wrap.ts'

const plain = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')

/** Columns are aligned in the source too, as formatters of Markdown want it. */
function table(head: readonly [string, string], rows: readonly (readonly [string, string])[]): string {
  const cells = [head, ...rows.map(([a, b]) => [`\`${a.replaceAll('|', '\\|')}\``, plain(b)] as const)]
  const widths = [0, 1].map((i) => Math.max(3, ...cells.map((row) => row[i].length)))
  const line = (row: readonly string[], fill = ' ') =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i], fill)).join(' | ')} |\n`
  const [first, ...others] = cells
  return [line(first), line(['-', '-'], '-'), ...others.map((row) => line(row))].join('')
}

const wordTable = (words: Words): string =>
  table(
    ['word', 'meaning'],
    visible(words).map(([name, word]) => [wordTerm(name, word), word.doc]),
  )

function commandText<S>(path: string, command: Command<S>, level: string): string {
  const aliases = command.aliases ? ` Also: ${command.aliases.map((a) => `\`${a}\``).join(', ')}.` : ''
  const parts = [
    `${level} netkit ${path}\n`,
    `${capital(command.summary)}.${aliases}\n`,
    `\`\`\`\n${fill(synopsis(path, command), 100, 4)}\n\`\`\`\n`,
  ]
  if (visible(command.words).length > 0) parts.push(wordTable(command.words))
  for (const [title, words] of Object.entries(command.sections ?? {})) parts.push(`${title}:\n`, wordTable(words))
  for (const note of command.notes ?? []) parts.push(`${plain(note)}\n`)
  if (command.examples) {
    const lines = command.examples.map(([line, does]) => `netkit ${line}   # ${does}\n`)
    parts.push(`\`\`\`\n${lines.join('')}\`\`\`\n`)
  }
  return parts.join('\n')
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** A reference of all commands in Markdown, from the tables that help and the parser read. */
export function reference<S>(topics: readonly Topic<S>[]): string {
  const parts = [
    '# Commands of netkit\n',
    '<!-- Written from the tables of the command. Do not edit: see cli.md. -->\n',
    '## Options\n',
    table(['option', 'meaning'], optionRows()),
  ]
  for (const { title, entries } of topics) {
    parts.push(`## ${title}\n`)
    for (const entry of entries) {
      if (!isGroup(entry)) {
        if (!entry.hidden) parts.push(commandText(entry.name, entry, '###'))
        continue
      }
      const otherwise = entry.otherwise
        ? ` \`netkit ${entry.name}\` alone means \`netkit ${entry.name} ${entry.otherwise}\`.`
        : ''
      parts.push(`### netkit ${entry.name}\n`, `${capital(entry.summary)}.${otherwise}\n`)
      for (const command of entry.commands)
        if (!command.hidden) parts.push(commandText(`${entry.name} ${command.name}`, command, '####'))
    }
  }
  return parts.join('\n')
}
