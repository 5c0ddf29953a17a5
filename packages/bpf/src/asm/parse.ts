import { helperId } from '../helpers/names.ts'
import type { Op } from '../isa/op.ts'
import { OPS } from '../isa/table.ts'
import { TEMPLATES } from './templates.ts'

const NUMBER = '[+-]?\\s*(?:0x[\\da-f]+|\\d+)'

/** What a placeholder of a template matches. */
const PATTERNS: Readonly<Record<string, string>> = {
  dst: '(?<dst>\\d+)',
  src: '(?<src>\\d+)',
  off: '(?:\\s*(?<off>[+-]\\s*(?:0x[\\da-f]+|\\d+)))?',
  index: `(?<index>${NUMBER})`,
  imm: `(?<imm>${NUMBER})`,
  hex: `(?<imm>${NUMBER})`,
  imm64: `(?<imm64>${NUMBER})`,
  high: `(?<high>${NUMBER})`,
  jump: '(?:(?:pc)?(?<jump>[+-]\\s*(?:0x[\\da-f]+|\\d+))|(?<label>(?!kfunc\\b)[a-z_.$][\\w.$]*))',
  helper: '(?<helper>(?:\\w+\\s*#)?\\w+)',
}

interface Form {
  readonly op: Op
  readonly pattern: RegExp
}

/** A template as a pattern: white space is free between symbols, a placeholder that comes again means the same again. */
function compile(op: Op, template: string): Form {
  const seen = new Set<string>()
  const source = template
    .split(/(\{\w+\}|\s+|\W)/)
    .filter((piece) => piece !== undefined && piece !== '')
    .map((piece) => {
      const name = /^\{(\w+)\}$/.exec(piece)?.[1]
      if (name === undefined) return /^\s+$/.test(piece) ? '\\s+' : /^\w+$/.test(piece) ? piece : `\\s*\\${piece}\\s*`
      if (seen.has(name)) return `\\k<${name}>`
      seen.add(name)
      return PATTERNS[name]
    })
    .join('')
    .replace(/\\s\*\\s\+|\\s\+\\s\*/g, '\\s*')
    .replace(/(?:\\s\*)+/g, '\\s*')
  return { op, pattern: new RegExp(`^${source}$`, 'i') }
}

const FORMS: readonly Form[] = OPS.flatMap((op) => TEMPLATES[op.id].map((template) => compile(op, template)))

/** An instruction that was read; fields that its text does not name are undefined. */
export interface Statement {
  readonly op: Op
  readonly dst: number
  readonly src: number
  readonly off: number
  readonly imm: number
  readonly high: number
  /** Where it goes, if it names a label. Otherwise the distance is in `off` or `imm` already. */
  readonly label: string | undefined
}

/** Reads a number within `low`…`high`; throws a RangeError that names `what`. */
function integer(text: string | undefined, what: string, low: bigint, high: bigint): bigint {
  if (text === undefined) return 0n
  const compact = text.replace(/\s/g, '')
  const value = compact.startsWith('-') ? -BigInt(compact.slice(1)) : BigInt(compact.replace('+', ''))
  if (value < low || value > high) throw new RangeError(`${what} ${compact} is not in ${low} to ${high}`)
  return value
}

const int32 = (text: string | undefined, what: string): number =>
  Number(BigInt.asIntN(32, integer(text, what, -(2n ** 31n), 2n ** 32n - 1n)))
const int16 = (text: string | undefined, what: string): number => Number(integer(text, what, -32768n, 32767n))

/**
 * Reads one instruction; undefined if the text is none. Throws a RangeError for numbers that do not fit.
 *
 * @param isLabel whether a name is a label of the text: labels hide helpers of the same name.
 */
export function parseInstruction(text: string, isLabel: (name: string) => boolean): Statement | undefined {
  for (const { op, pattern } of FORMS) {
    const match = pattern.exec(text)
    if (!match) continue
    const groups: Groups = match.groups ?? {}
    const callee = groups.helper
    if (callee !== undefined && (isLabel(callee) || helper(callee) === undefined)) continue
    return statement(op, groups)
  }
  return undefined
}

function helper(text: string): number | undefined {
  const word = text.split('#').at(-1)!.trim()
  return /^\d/.test(word) ? Number(word) : helperId(word)
}

/** What the placeholders matched. */
type Groups = Readonly<Record<string, string | undefined>>

function statement(op: Op, groups: Groups): Statement {
  const wide = groups.imm64 === undefined ? undefined : integer(groups.imm64, 'number', -(2n ** 63n), 2n ** 64n - 1n)
  return {
    op,
    dst: register(groups.dst),
    src: op.fields.src ? register(groups.src) : (op.fixed.src ?? 0),
    off: offset(op, groups),
    imm: immediate(op, groups, wide),
    high: wide === undefined ? int32(groups.high, 'number') : Number(BigInt.asIntN(32, wide >> 32n)),
    label: groups.label,
  }
}

function register(text: string | undefined): number {
  return Number(integer(text, 'register', 0n, 11n))
}

function offset(op: Op, groups: Groups): number {
  switch (op.fields.off) {
    case 'jump':
      return int16(groups.jump, 'jump distance')
    case 'memory':
      return int16(groups.off, 'offset')
    case 'index':
      return int16(groups.index, 'index')
    default:
      return op.fixed.off ?? 0
  }
}

function immediate(op: Op, groups: Groups, wide: bigint | undefined): number {
  if (wide !== undefined) return Number(BigInt.asIntN(32, wide))
  if (groups.helper !== undefined) return int32(`${helper(groups.helper)}`, 'helper')
  if (groups.jump !== undefined && op.fields.off !== 'jump') return int32(groups.jump, 'jump distance')
  return op.fields.imm ? int32(groups.imm, 'number') : (op.fixed.imm ?? 0)
}
