import { type Figure, median, meets, type Target } from './figures.ts'
import type { Machine } from './machine.ts'

/** A figure over several processes: the median of each, in the order in which they ran. */
export interface Result {
  readonly what: string
  readonly unit: string
  readonly medians: readonly number[]
  readonly target?: Target
  readonly peer?: { readonly what: string; readonly medians: readonly number[] }
  readonly ratio?: Target
  readonly against?: { readonly what: string } & Target
  readonly note?: string
}

export interface SuiteResults {
  readonly machine: Machine
  readonly processes: number
  readonly figures: readonly Result[]
}

/** All that was ever measured and not measured anew since, by suite. */
export type Results = Readonly<Record<string, SuiteResults>>

const digits = (n: number): number => Number(n.toPrecision(4))

/** Puts the figures of several processes of one suite together. */
export function mergeRuns(runs: readonly (readonly Figure[])[]): Result[] {
  return runs[0].map((first) => {
    const same = runs.flatMap((figures) => figures.filter(({ what }) => what === first.what))
    const measured = same.filter(({ rounds }) => rounds.length > 0)
    const { rounds: _, peer, ...rest } = first
    return {
      ...rest,
      medians: measured.map(({ rounds }) => digits(median(rounds))),
      peer: peer && {
        what: peer.what,
        medians: measured.flatMap((f) => (f.peer ? [digits(median(f.peer.rounds))] : [])),
      },
    }
  })
}

/** One line for a target: what it says, what was measured, whether it is met. */
interface Verdict {
  readonly says: string
  readonly met: boolean
}

const bound = ({ max, min }: Target, unit: string): string =>
  [max !== undefined && `≤ ${limit(max)}${unit}`, min !== undefined && `≥ ${limit(min)}${unit}`]
    .filter(Boolean)
    .join(', ')

/** A limit that is the inverse of another has no end of digits. */
const limit = (n: number): number => (Number.isInteger(n) ? n : Number(n.toPrecision(3)))

const short = (n: number): string =>
  n >= 1000 ? Math.round(n).toLocaleString('en') : n >= 100 ? n.toFixed(0) : n >= 10 ? n.toFixed(1) : n.toFixed(2)

/** A row of the table, in words. */
export interface Row {
  readonly what: string
  readonly figure: string
  readonly spread: string
  readonly targets: string
  readonly peer: string
  readonly ratio: string
  readonly verdict: '' | 'met' | 'MISSED'
}

export function rowOf(result: Result, all: readonly Result[]): Row {
  const { medians, unit, target, peer, ratio, against } = result
  if (medians.length === 0)
    return { what: result.what, figure: '-', spread: '', targets: '', peer: '', ratio: result.note ?? '', verdict: '' }
  const value = median(medians)
  const verdicts: Verdict[] = []
  if (target) verdicts.push({ says: bound(target, ` ${unit}`), met: meets(value, target) })
  const times = peer && peer.medians.length > 0 ? median(peer.medians) / value : undefined
  if (ratio && times !== undefined)
    verdicts.push({ says: `${bound(ratio, '×')} of the peer's rate`, met: meets(times, ratio) })
  const other = against && all.find(({ what }) => what === against.what)
  if (against && other && other.medians.length > 0) {
    const grown = value / median(other.medians)
    verdicts.push({
      says: `${bound(against, '×')} “${against.what}”: ${grown.toFixed(2)}×`,
      met: meets(grown, against),
    })
  }
  return {
    what: result.note ? `${result.what} (${result.note})` : result.what,
    figure: `${short(value)} ${unit}`,
    spread: medians.length > 1 ? `${short(Math.min(...medians))}–${short(Math.max(...medians))}` : '',
    targets: verdicts.map(({ says }) => says).join('; '),
    peer: peer && times !== undefined ? `${short(median(peer.medians))} ${unit} (${peer.what})` : '',
    ratio: times === undefined ? '' : `${short(times)}×`,
    verdict: verdicts.length === 0 ? '' : verdicts.every(({ met }) => met) ? 'met' : 'MISSED',
  }
}
