import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Verdict, verify } from '@netkit/bpf'
import { expect, test } from 'vitest'
import { type Answer, FOLDER, inputOf, readCases } from './bpf-verify/cases.ts'

const answers = new Map(
  (JSON.parse(readFileSync(join(FOLDER, 'answers.json'), 'utf8')) as (Answer & { name: string })[]).map((a) => [
    a.name,
    a,
  ]),
)
const cases = readCases()

/** Where we answer otherwise, and why. */
const DEVIATIONS: Readonly<Record<string, number>> = {
  // A map's own memory is not there to be read here.
  'the map itself is read': 13,
  // Linux looks for loops that get nowhere at conditions only, and gives this one up after a million instructions.
  'loop without an end': 22,
}

test('each case has a name of its own and was answered by Linux', () => {
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
  expect(cases.filter(({ name }) => !answers.has(name))).toEqual([])
})

/** One of them is looked at a million times. */
const TIMEOUT = 300_000
const verdicts = new Map<string, Verdict>()

test.each(cases)('$name', { timeout: TIMEOUT }, (row) => {
  const verdict = verify(inputOf(row))
  verdicts.set(row.name, verdict)
  const { errno } = answers.get(row.name) as Answer
  expect({ errno: verdict.errno, log: verdict.log }).toMatchObject({ errno: DEVIATIONS[row.name] ?? errno })
  // The log ends in a line that says why, and in how much was looked at.
  expect(verdict.log.at(-1)).toMatch(/^processed \d+ insns/)
})

test('most refusals say the same as the kernel does', () => {
  const refused = cases.filter(({ name }) => (answers.get(name) as Answer).errno !== 0)
  const other = refused.filter((row) => verdicts.get(row.name)?.log.at(-2) !== answers.get(row.name)?.line)
  expect(other.length / refused.length).toBeLessThan(0.1)
})
