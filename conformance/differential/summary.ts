import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Count, Coverage } from './coverage.ts'

/** Conversations of one origin. */
export interface Compared {
  readonly conversations: number
  readonly operations: number
}

/** What was compared with Linux, as ../compared.json keeps it for the documents that are generated from it. */
export interface Summary {
  readonly kernel: string
  readonly recordings: Compared
  readonly cases: Compared
  readonly random: Compared & { readonly seeds: readonly number[] }
  /** Conversations in which something differed. */
  readonly differences: number
  readonly commands: Readonly<Record<string, Count>>
  readonly attributes: Readonly<Record<string, Count>>
}

const FILE = join(import.meta.dirname, '../compared.json')

const sorted = (counts: ReadonlyMap<string, Count>): Record<string, Count> =>
  Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))

export function writeSummary(parts: Omit<Summary, 'commands' | 'attributes'>, coverage: Coverage): void {
  const summary: Summary = { ...parts, commands: sorted(coverage.commands), attributes: sorted(coverage.attributes) }
  // A line for each count, as the formatter would have it.
  const text = JSON.stringify(summary, null, 2).replace(/\[\s+(\d+),\s+(\d+)\s+\]/g, '[$1, $2]')
  writeFileSync(FILE, `${text}\n`)
}
