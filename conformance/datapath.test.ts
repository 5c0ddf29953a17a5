import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Outcome } from './datapath/case.ts'
import { playEmbedded } from './datapath/embedded.ts'
import { caseOfName } from './datapath/generate.ts'
import { WRITTEN } from './datapath/written.ts'

interface Recorded {
  readonly name: string
  readonly outcome: Outcome
}

const recorded = (kind: string): Recorded[] =>
  readFileSync(join(import.meta.dirname, `cases/datapath/${kind}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded)

test.each(recorded('written'))('packets go where they go on Linux: $name', async ({ name, outcome }) => {
  expect(await playEmbedded(WRITTEN.find((each) => each.name === name)!)).toEqual(outcome)
})

test.each(recorded('random'))(
  'random programs and packets do what they do on Linux: $name',
  async ({ name, outcome }) => {
    expect(await playEmbedded(caseOfName(name))).toEqual(outcome)
  },
)
