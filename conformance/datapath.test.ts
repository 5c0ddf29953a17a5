import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { DatapathCase, Outcome } from './datapath/case.ts'
import { playEmbedded } from './datapath/embedded.ts'

const FOLDER = join(import.meta.dirname, 'cases/datapath')

const cases = readdirSync(FOLDER).flatMap((file) =>
  readFileSync(join(FOLDER, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as DatapathCase & { readonly outcome: Outcome }),
)

test.each(cases)('packets go with programs where they go on Linux: $name', async ({ outcome, ...played }) => {
  expect(await playEmbedded(played)).toEqual(outcome)
})
