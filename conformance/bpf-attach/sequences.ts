import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sequence } from './play.ts'

/** The recordings in a folder. */
export const readSequences = (folder: string): Sequence[] =>
  readdirSync(folder).flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Sequence),
  )
