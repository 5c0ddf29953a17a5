import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Played } from './play.ts'

const FOLDER = join(import.meta.dirname, '../cases/programs')
/** What is recorded of each program. */
export const RECORDED_SEED = 7
export const RECORDED_FRAMES = 300

/** What Linux made of a case, as much of it as tells whether another kernel made the same. */
export interface Recorded {
  /** A digest of the verdict, packet and context of each frame. */
  readonly outcomes: readonly string[]
  /** A digest of the elements of each map. */
  readonly maps: Readonly<Record<string, string>>
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12)

export const digestOf = ({ outcomes, maps }: Played): Recorded => ({
  outcomes: outcomes.map(digest),
  maps: Object.fromEntries(Object.entries(maps).map(([name, elements]) => [name, digest(elements.join('\n'))])),
})

const fileOf = (object: string): string => join(FOLDER, `${object}.json`)

/** Undefined: nothing is recorded of it. */
export function recordedOf(object: string): Recorded | undefined {
  return existsSync(fileOf(object)) ? (JSON.parse(readFileSync(fileOf(object), 'utf8')) as Recorded) : undefined
}

export function record(object: string, recorded: Recorded): void {
  writeFileSync(fileOf(object), `${JSON.stringify(recorded, undefined, 1)}\n`)
}
