import {
  IMPAIRMENT,
  IMPAIRMENT_KEYS,
  type ImpairmentKey,
  type ImpairmentOptions,
  type ImpairmentUnit,
} from '@netkit/netlink'
import { InputError } from '../input/input-error.ts'

interface Unit {
  /** What values of it look like, for people. */
  readonly allowed: string
  /** What each suffix stands for, largest first. */
  readonly suffixes: readonly (readonly [suffix: string, factor: number])[]
}

const UNITS: Readonly<Record<ImpairmentUnit, Unit>> = {
  share: { allowed: 'a share such as 1% or 0.5%', suffixes: [['%', 0.01]] },
  ms: {
    allowed: 'a time such as 10ms, 250us or 1.5s',
    suffixes: [
      ['s', 1000],
      ['ms', 1],
      ['us', 1e-3],
      ['ns', 1e-6],
    ],
  },
  'bit/s': {
    allowed: 'a rate such as 100mbit, 2.5gbit or 64kbit',
    suffixes: [
      ['tbit', 1e12],
      ['gbit', 1e9],
      ['mbit', 1e6],
      ['kbit', 1e3],
      ['bit', 1],
    ],
  },
  count: { allowed: 'a number', suffixes: [['', 1]] },
}

/** Digits that survive the way through a factor that is no power of two. */
const PRECISION = 12

const rounded = (value: number): number => Number(value.toPrecision(PRECISION))

/** What a value of a setting may look like: `a share such as 1% or 0.5%`. */
export const impairmentValueForm = (key: ImpairmentKey): string => UNITS[IMPAIRMENT[key].unit].allowed

/** A value of a setting as tc-netem writes it, `1%`, `10ms`, `100mbit`; undefined if it is none or out of range. */
export function parseImpairmentValue(key: ImpairmentKey, text: string): number | undefined {
  const { unit, min, max } = IMPAIRMENT[key]
  const [, digits, suffix] = /^(\d{1,15}(?:\.\d{1,12})?)([a-z%]*)$/i.exec(text) ?? []
  const factor = UNITS[unit].suffixes.find(([name]) => name === suffix?.toLowerCase())?.[1]
  if (digits === undefined || factor === undefined) return undefined
  const value = rounded(Number(digits) * factor)
  if (unit === 'count' && !Number.isInteger(value)) return undefined
  return value >= min && value <= max ? value : undefined
}

function valueText(key: ImpairmentKey, value: number): string {
  const { suffixes } = UNITS[IMPAIRMENT[key].unit]
  const [suffix, factor] = suffixes.find(([, factor]) => value >= factor) ?? suffixes.at(-1)!
  return `${rounded(value / factor)}${suffix}`
}

/** Settings that begin with a word of their own: all but those that follow another one's value. */
export const IMPAIRMENT_WORDS = IMPAIRMENT_KEYS.filter((key) => IMPAIRMENT[key].after === undefined)

/** The setting whose value may follow that of another one. */
export const nextImpairmentKey = (key: ImpairmentKey): ImpairmentKey | undefined =>
  IMPAIRMENT_KEYS.find((other) => IMPAIRMENT[other].after === key)

/** An impairment by its words: `{ loss: '1% 25%', delay: '10ms 2ms' }`. A state file says it so. */
export type ImpairmentWords = { readonly [word: string]: string | number }

/** Reads an impairment that is written as {@link ImpairmentWords}. Throws InputError that names the word. */
export function parseImpairment(words: ImpairmentWords, op = 'impairment'): ImpairmentOptions {
  const options: { [K in ImpairmentKey]?: number } = {}
  for (const [word, text] of Object.entries(words)) {
    if (!IMPAIRMENT_WORDS.includes(word as ImpairmentKey))
      throw new InputError(op, word, `is unknown; known are ${IMPAIRMENT_WORDS.join(', ')}`)
    let key: ImpairmentKey | undefined = word as ImpairmentKey
    for (const part of String(text).trim().split(/\s+/)) {
      const value: number | undefined = key && parseImpairmentValue(key, part)
      if (!key || value === undefined)
        throw new InputError(
          op,
          word,
          key ? `must be ${impairmentValueForm(key)}, not '${part}'` : `has '${part}' too much`,
        )
      options[key] = value
      key = nextImpairmentKey(key)
    }
  }
  return options
}

/** An impairment by its words, as {@link parseImpairment} reads it; what is a mere number is one. */
export function impairmentWords(options: ImpairmentOptions): ImpairmentWords {
  const words: Record<string, string | number> = {}
  for (const word of IMPAIRMENT_WORDS) {
    const parts: string[] = []
    for (let key: ImpairmentKey | undefined = word; key; key = nextImpairmentKey(key)) {
      const value: number | undefined = options[key]
      if (value === undefined) break
      parts.push(valueText(key, value))
    }
    if (parts.length > 0) words[word] = IMPAIRMENT[word].unit === 'count' ? options[word]! : parts.join(' ')
  }
  return words
}

/** An impairment in one line, as tc shows it: `loss 1% 25% delay 10ms 2ms seed 7`. */
export const impairmentText = (options: ImpairmentOptions): string =>
  Object.entries(impairmentWords(options))
    .map(([word, text]) => `${word} ${text}`)
    .join(' ')
