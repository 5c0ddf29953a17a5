import { FilterError } from './error.ts'

export interface Token {
  readonly kind: 'word' | 'number' | 'ip4' | 'ip6' | 'mac' | 'sign' | 'end'
  readonly text: string
  readonly at: number
  /** Of a number. */
  readonly value: number
}

/** In the order in which they are tried. Words may have `-` and `.` inside, as names of ports and constants do. */
const PATTERNS: readonly (readonly [Token['kind'], RegExp])[] = [
  ['mac', /[0-9a-fA-F]{1,2}(?:[:.-][0-9a-fA-F]{1,2}){5}(?![\w:.-])/y],
  [
    'ip6',
    /(?:[0-9a-fA-F]{1,4}:)*(?::(?:[0-9a-fA-F]{1,4}:)*|(?<=:))[0-9a-fA-F]{0,4}(?![\w.])|[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F.]*/y,
  ],
  ['ip4', /\d+(?:\.\d+){1,3}(?![\w.])/y],
  ['number', /(?:0[xX][0-9a-fA-F]+|\d+)(?![\w.])/y],
  ['word', /\\?[a-zA-Z][\w.]*(?:-[a-zA-Z][\w.]*)*/y],
  ['sign', /&&|\|\||<<|>>|>=|<=|!=|==|[()[\]!=<>&|^+\-*/%:]/y],
]

export function tokens(text: string): Token[] {
  const found: Token[] = []
  for (let at = skipSpace(text, 0); at < text.length; at = skipSpace(text, at)) {
    const token = tokenAt(text, at)
    found.push(token)
    at += token.text.length
  }
  found.push({ kind: 'end', text: 'the end', at: text.length, value: Number.NaN })
  return found
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (/\s/.test(text[at] ?? '')) at++
  return at
}

function tokenAt(text: string, at: number): Token {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (!match || match[0] === '' || (kind === 'ip6' && !isIp6(match[0]))) continue
    return { kind, text: match[0], at, value: kind === 'number' ? numberOf(match[0]) : Number.NaN }
  }
  throw new FilterError(at, `'${text[at]}' means nothing here`)
}

/** As in C: 0x is hexadecimal, a leading 0 octal. */
const numberOf = (text: string): number =>
  /^0\d+$/.test(text) ? Number.parseInt(text, 8) : /^0x/i.test(text) ? Number.parseInt(text, 16) : Number(text)

const isIp6 = (text: string): boolean => text.split(':').length > 2 && ip6Words(text) !== undefined

/** The four words of an address of IPv6; undefined if it is none. */
export function ip6Words(text: string): number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')))
  const count = groups.flat().length
  if (halves.length === 1 ? count !== 8 : count > 7) return undefined
  const zeros = new Array<string>(8 - count).fill('0')
  const eight = halves.length === 1 ? groups[0] : [...groups[0], ...zeros, ...groups[1]]
  if (!eight.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined
  const values = eight.map((group) => Number.parseInt(group, 16))
  return [0, 2, 4, 6].map((i) => values[i] * 0x10000 + values[i + 1])
}
