import type { StateDifference, StateStep } from 'netkit'
import { stepText } from 'netkit'
import type { Json } from '../../print/json.ts'
import { printable } from '../../print/printable.ts'
import type { Style } from '../../print/style.ts'

const SIGNS = { add: '+', change: '~', recreate: '-/+', remove: '-' } as const

const valueText = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.join(', ')}]`
  return value === '' ? "''" : String(value)
}

/** Entries that differ, with what is there (-) and what is declared (+). */
export function differencesText(differences: readonly StateDifference[], style: Style): string {
  return differences.map((one) => differenceText(one, style)).join('')
}

function differenceText({ entry, action, why, changes }: StateDifference, style: Style): string {
  const paint = { add: style.good, change: style.strong, recreate: style.warning, remove: style.bad }[action]
  const reason = why.length > 0 ? ` is made anew: ${why.join('; ')}` : ''
  const lines = changes.flatMap(({ field, from, to }) => [
    ...(from === undefined ? [] : [style.bad(printable(`-   ${field}: ${valueText(from)}`))]),
    ...(to === undefined ? [] : [style.good(printable(`+   ${field}: ${valueText(to)}`))]),
  ])
  return [paint(printable(`${SIGNS[action]} ${entry}${reason}`)), ...lines].map((line) => `${line}\n`).join('')
}

/** Steps in words, numbered. */
export const stepsText = (steps: readonly StateStep[]): string => {
  const width = String(steps.length).length
  return steps.map((step, i) => `${String(i + 1).padStart(width)}  ${printable(stepText(step))}\n`).join('')
}

/** A step as data, with its words. */
export const stepJson = (step: StateStep): Json => ({ ...step, text: stepText(step) }) as Json
