import type { Style } from '../style.ts'
import { type Field, type MessageContext, messageFields } from './fields.ts'

/** Longer values are cut: settings that nobody reads in hex. */
const LONGEST = 100

const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text)
const indent = (depth: number): string => '  '.repeat(depth)

/** What says nothing: the command, which the message's name has said, reserved fields, and counters that have not counted. */
const silent = ({ name, text, of }: Field): boolean =>
  (of === 'header' && (name === 'cmd' || ((name.startsWith('pad') || name === 'reserved') && text === '0'))) ||
  (of === 'struct' && text === '0')

/** A message for people: what it is, then what it says, a line each, nests indented. */
export function messageText(bytes: Uint8Array, context: MessageContext, style: Style): string {
  const lines: string[] = []
  let row: Field[] = []
  const flush = () => {
    const [first] = row
    const said = row.filter((f) => !silent(f))
    if (first?.of === 'message') lines.push(title(row, style))
    else if (first?.of === 'struct') lines[lines.length - 1] += ` ${said.map(pair).join(' ') || 'all 0'}`
    else if (said.length > 0) lines.push(`${indent(first.depth + 1)}${said.map(pair).join(' ')}`)
    row = []
  }
  for (const field of messageFields(bytes, context)) {
    if (row.length > 0 && (field.of === undefined || field.of !== row[0].of || field.depth !== row[0].depth)) flush()
    if (field.of) row.push(field)
    else if (field.path !== 'request') lines.push(`${indent(field.depth + 1)}${pair(field)}`)
  }
  if (row.length > 0) flush()
  return lines.map((line) => `${line}\n`).join('')
}

const pair = ({ name, text }: Field): string => (text === undefined ? name : `${name} ${cut(text)}`)

function title(row: readonly Field[], style: Style): string {
  const said = (name: string) => row.find((f) => f.name === name)?.text
  const [{ depth, path }] = row
  const inside = depth > 0 ? `${path.split('.')[0]} ` : ''
  const rest = `length ${said('length')} flags ${said('flags')} seq ${said('seq')} port ${said('port')}`
  return `${indent(depth)}${inside}${style.strong(said('type') ?? '')} ${style.faint(rest)}`
}
